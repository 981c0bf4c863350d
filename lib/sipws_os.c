/* os: the operating system's random octets; the one file that needs one. */
#if defined(__linux__) || defined(__APPLE__) || defined(__unix__)
#define _DEFAULT_SOURCE 1

#include <sipws/sipws.h>

#include <sys/types.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/random.h>
#endif

int sipws_os_random(uint8_t *out, size_t len, void *user) {
  (void)user;
  if (out == NULL && len > 0) {
    return SIPWS_ERR_INVALID;
  }
  while (len > 0) {
    size_t step = len < 256 ? len : 256; /* getentropy's most at once */
    if (getentropy(out, step) != 0) {
      return SIPWS_ERR_RANDOM;
    }
    out += step;
    len -= step;
  }
  return 0;
}
#else
typedef int sipws__os_has_no_random; /* ISO C forbids an empty file */
#endif
