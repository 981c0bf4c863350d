/* err: the one list of errors; name, value and text come from here. So do the
 * texts of causes. */
#include <sipws/sipws.h>

#define ERR_LIST(X)                                                            \
  X(SIPWS_OK, "no error", 0)                                                   \
  X(SIPWS_ERR_AGAIN, "nothing more right now; try again", 0)                   \
  X(SIPWS_ERR_QUEUE_FULL, "the output queue is full; wait for writable", 0)    \
  X(SIPWS_ERR_HANDSHAKE, "the peer's handshake breaks a rule of RFC 6455", 0)  \
  X(SIPWS_ERR_REFUSED, "the handshake was refused with an HTTP status", 0)     \
  X(SIPWS_ERR_PROTOCOL, "the peer broke the framing of RFC 6455", 1002)        \
  X(SIPWS_ERR_UTF8, "a text message is not UTF-8", 1007)                       \
  X(SIPWS_ERR_POLICY, "too many messages in a row are not SIP", 1008)          \
  X(SIPWS_ERR_PEER_TOO_BIG, "the peer's message passes a limit", 1009)         \
  X(SIPWS_ERR_TIMEOUT, "the peer did not answer in time", 1001)                \
  X(SIPWS_ERR_EOF, "the transport ended", 0)                                   \
  X(SIPWS_ERR_LOST, "the transport failed", 0)                                 \
  X(SIPWS_ERR_CLOSED, "the connection is closed or closing", 0)                \
  X(SIPWS_ERR_TLS, "TLS failed; sipws_tls_reason tells why", 0)                \
  X(SIPWS_ERR_PROXY, "no good PROXY header, or the HTTP proxy refused", 0)     \
  X(SIPWS_ERR_TRUNCATED, "the transport ended before TLS did", 0)              \
  X(SIPWS_ERR_INVALID, "an argument is NULL or out of range", 0)               \
  X(SIPWS_ERR_STATE, "the call does not fit the connection's state", 0)        \
  X(SIPWS_ERR_TOO_BIG, "longer than a limit that is set", 0)                   \
  X(SIPWS_ERR_BUFFER, "the buffer given is too small", 0)                      \
  X(SIPWS_ERR_NO_RANDOM, "no random hook; set sipws_os_random or your own", 0) \
  X(SIPWS_ERR_TEXT, "the text holds an octet that does not belong there", 0)   \
  X(SIPWS_ERR_URL, "not a ws:// or wss:// URL", 0)                             \
  X(SIPWS_ERR_NOT_FOUND, "there is none", 0)                                   \
  X(SIPWS_ERR_NOT_SIP, "not exactly one SIP message", 0)                       \
  X(SIPWS_ERR_SIPS, "sips needs a secure connection (RFC 7118 9.2)", 0)        \
  X(SIPWS_ERR_SYNTAX, "the text breaks the grammar", 0)                        \
  X(SIPWS_ERR_TAMPERED, "the flow token (403) or digest (401) is wrong", 0)    \
  X(SIPWS_ERR_DEAD, "the flow's connection is gone; answer 430", 0)            \
  X(SIPWS_ERR_NOT_SECURE, "a wss URL without TLS: attach TLS, or set_secure",  \
    0)                                                                         \
  X(SIPWS_ERR_CALLBACK, "on_message asked to stop", 0)                         \
  X(SIPWS_ERR_RANDOM, "the random hook failed", 1011)                          \
  X(SIPWS_ERR_HOOK, "a transport hook broke its contract", 0)                  \
  X(SIPWS_ERR_BUSY, "not from inside a callback", 0)                           \
  X(SIPWS_ERR_FREED, "the connection was freed by its callback", 0)            \
  X(SIPWS_ERR_NOMEM, "the allocator refused", 1011)

#define ERR_NAME(name, text, code)                                             \
  case name:                                                                   \
    return #name;
#define ERR_TEXT(name, text, code)                                             \
  case name:                                                                   \
    return text;
#define ERR_CODE(name, text, code)                                             \
  case name:                                                                   \
    return code;

const char *sipws_error_name(int err) {
  switch (err) {
    ERR_LIST(ERR_NAME)
  default:
    return "unknown";
  }
}

const char *sipws_error_text(int err) {
  switch (err) {
    ERR_LIST(ERR_TEXT)
  default:
    return "unknown error";
  }
}

uint16_t sipws_error_close_code(int err) {
  switch (err) {
    ERR_LIST(ERR_CODE)
  default:
    return 0;
  }
}

const char *sipws_cause_text(int cause) {
  static const char *const texts[] = {
      "it is not closed",
      "the peer closed it",
      "we closed it",
      "the handshake was refused",
      "the transport ended without a closing handshake",
      "the transport was lost",
      "a timer ran out",
      "the peer broke a rule",
      "there was no memory",
      "it was aborted",
      "the random hook gave nothing",
      "TLS failed",
      "the proxy in front failed",
      "TLS was cut off"};
  return cause >= SIPWS_CAUSE_NONE && cause <= SIPWS_CAUSE_TRUNCATED
             ? texts[cause]
             : "unknown cause";
}

int sipws_error_is_fatal(int err) {
  return (err <= -201 && err >= -299) || err == SIPWS_ERR_RANDOM ||
         err == SIPWS_ERR_HOOK || err == SIPWS_ERR_NOMEM;
}

int sipws_close_code_is_valid(uint16_t code) {
  /* RFC 6455 7.4: 1004 is reserved, 1005, 1006 and 1015 never travel; 1012 to
   * 1014 were registered later. */
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

uint32_t sipws_version_number(void) {
  return SIPWS_VERSION_MAJOR * 65536u + SIPWS_VERSION_MINOR * 256u +
         SIPWS_VERSION_PATCH;
}
