/* front: how long to wait before the next attempt. */
#include <sipws/front.h>

uint32_t sipws_backoff_ms(uint32_t failures, uint32_t first_ms, uint32_t max_ms,
                          uint32_t random) {
  uint32_t bound = first_ms < max_ms ? first_ms : max_ms;
  if (failures == 0) {
    return 0;
  }
  if (failures == 1) {
    /* RFC 6455 7.2.3: anywhere up to the bound, so that the clients of a server
     * that went down do not return together. */
    return (uint32_t)(((uint64_t)bound * random + 0x80000000u) >> 32);
  }
  /* Then as registrations do (RFC 5626 section 4.5), one step behind. */
  return sipws_flow_retry_ms(failures - 1, first_ms, max_ms, random);
}
