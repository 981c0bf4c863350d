/*
 * sipws: stages, what stands between a connection and its transport.
 *
 *     transport, [PROXY header or CONNECT], [TLS], connection
 *
 * sipws/tls.h and sipws/front.h bring stages of their own; this header is for
 * those who write another, such as a TLS of theirs. Once added, a stage works
 * inside feed, pending, taken, eof, readable and writable: these calls then
 * speak of the transport's octets, whatever stage is there, and the caller's
 * loop stays as it was.
 *
 * The stage added first is in charge first. It either finishes, as one that
 * reads a PROXY header, and the next is in charge, or stays to the end, as TLS;
 * so one that stays is added last. Without a stage in charge the connection
 * speaks to the transport itself. There may be four. One that stays below a wss
 * URL calls sipws_conn_set_secure once it is; nothing is given to it before.
 *
 * A stage gets pieces of any size and keeps what it needs. It reads no socket
 * and no clock; the handshake's deadline covers all stages. What it emits, and
 * the chain itself, come from the allocator, with fixed buffers too. Since 0.1.
 */
#ifndef SIPWS_STAGE_H
#define SIPWS_STAGE_H

#include <sipws/sipws.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A stage's |input| is done: its part is over, octets it did not take belong
 *  to what comes next. */
#define SIPWS_STAGE_DONE 1

/**
 * What a stage does. A function may be NULL where that is said. |state| is what
 * was given to sipws_conn_add_stage. None may call the library on |conn| but
 * for sipws_stage_emit, setters of facts (set_peer, set_secure …) and getters.
 *
 * Errors they return are fatal for the connection, which shows that error, and
 * a cause that goes with it: SIPWS_ERR_TLS, SIPWS_ERR_PROXY, SIPWS_ERR_NOMEM,
 * SIPWS_ERR_RANDOM; any other counts as SIPWS_ERR_HOOK. What earlier calls gave
 * is told first, and what was emitted until then (an alert) still leaves.
 */
typedef struct sipws_stage {
  size_t struct_size; /* sizeof (sipws_stage) */

  /**
   * Takes octets of the transport and gives octets for the connection, up to
   * |out_size| into |out|. |taken| and |given| are 0 at the call. Called again,
   * with |len| 0 too, until nothing moves; a first call with |len| 0 is there
   * to begin. With octets and room it must take or give something. Returns 0,
   * SIPWS_STAGE_DONE, SIPWS_ERR_EOF when the peer ended its side in due form
   * (octets after that are ignored), or an error; what the same call gave is
   * dropped then.
   */
  int (*input)(sipws_conn *conn, const uint8_t *data, size_t len, size_t *taken,
               uint8_t *out, size_t out_size, size_t *given, void *state);

  /**
   * Takes octets of the connection and emits them for the transport. |taken|
   * is 0 at the call and may stay so while it is not ready (a handshake is
   * under way). Octets taken must all be emitted before return. A stage with
   * |output| stays to the end; NULL: it is one that finishes.
   */
  int (*output)(sipws_conn *conn, const uint8_t *data, size_t len,
                size_t *taken, void *state);

  /** The transport ended without SIPWS_ERR_EOF of |input|. Returns 0 if that is
   *  fine, SIPWS_ERR_TRUNCATED, or an error. NULL: SIPWS_ERR_PROXY. */
  int (*end)(sipws_conn *conn, void *state);

  /** The connection sends no more: emit what says so (a close_notify). Once.
   *  NULL: nothing. */
  void (*shut)(sipws_conn *conn, void *state);

  /** The connection is freed. NULL: nothing to do. */
  void (*free)(void *state);
} sipws_stage;

/**
 * Adds a stage behind those added before. |stage| is not copied and lives as
 * long as the connection; |state| is the stage's own until its |free| is
 * called, which the connection does.
 * Errors, and then |free| is not called: SIPWS_ERR_STATE (octets were fed or
 * lent, a stage that stays was added before, or four are there),
 * SIPWS_ERR_NOMEM.
 */
SIPWS_API int sipws_conn_add_stage(sipws_conn *conn, const sipws_stage *stage,
                                   void *state);

/** The |state| of the stage that |stage| names, also when it is done; NULL if
 *  none is there. */
SIPWS_API void *sipws_conn_stage_state(const sipws_conn *conn,
                                       const sipws_stage *stage);

/** From a stage's functions: queues octets for the transport. Errors:
 *  SIPWS_ERR_NOMEM, and then nothing was queued. */
SIPWS_API int sipws_stage_emit(sipws_conn *conn, const void *data, size_t len);

#ifdef __cplusplus
}
#endif

#endif /* SIPWS_STAGE_H */
