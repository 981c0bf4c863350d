/* The torture messages of RFC 4475 and, for IPv6, of RFC 5118, rebuilt: each is
 * a message of our own with the property that its section is about. What is
 * understood of it is told in lines; those named must be among them. */
#include "tale.h"

#include <sipws/sip.h>

/* ---- messages ---- */

struct torture {
  const char *section;
  const char *msg;
  const char *told; /* lines, in their order */
};

#define FROM "From: <sip:a@example.com>;tag=1\r\n"
#define TO "To: <sip:b@example.com>\r\n"
#define ID "Call-ID: 1@example.com\r\n"
#define VIA "Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
#define HOPS "Max-Forwards: 70\r\n"
#define REST VIA HOPS FROM TO ID
#define INVITE "INVITE sip:b@example.com SIP/2.0\r\n"
#define REGISTER "REGISTER sip:example.com SIP/2.0\r\n"

/* Valid messages. */
static const struct torture valid[] = {
    /* folded everywhere, odd cases and spaces, compact names */
    {"3.1.1.1",
     "INVITE sip:v@x.example.com;x SIP/2.0\r\n"
     "tO :\r\n sip:v@x.example.com ;\t tag    = 19n\r\n"
     "f   : \"J \\\\\\\"\"       <sip:j@example.com>\r\n  ;\r\n  tag = 98\r\n"
     "MaX-fOrWaRdS: 0068\r\nCall-ID: w.09@192.0.2.1\r\n"
     "CSeq: 0009\r\n  INVITE\r\n"
     "Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=39\r\n"
     "s :\r\nOdd:   a\r\n b ; \"<>;,\r\nOdder: =?!@@\r\n ``\\\r\n"
     "v:  SIP  / 2.0  / TCP     c.example.com   ;\r\n"
     "  branch  =   z9hG4bK9  ,\r\n SIP  /    2.0   / WSS  192.0.2.3   ;"
     " branch=\r\n z9hG4bK30\r\n"
     "m:\"a \\\"\\\"\" <sip:j@example.com> ; x =\r\n y ;\r\n"
     "  z ; q = 0.33\r\n"
     "Route:\r\n <sip:r.example.com;lr;y=z;n>\r\n"
     "l: 4\r\n\r\nbody",
     "request INVITE\nto v at x.example.com 0;x\n"
     "via UDP 192.0.2.2 0 39 -\nvia TCP c.example.com 0 z9hG4bK9 -\n"
     "via WSS 192.0.2.3 0 z9hG4bK30 -\nvia 3\nCSeq 9 INVITE\n"
     "From \"J \\\\\\\"\" ; tag = 98\nTo v at x.example.com 0\n"
     "Contact \"a \\\"\\\"\" ; x = y ; z ; q = 0.33\n"
     "Route - at r.example.com 0;lr;y=z;n\nMax-Forwards 68\nbody 4 whole\n"},
    /* all characters that a method, a user, a name and a token may have */
    {"3.1.1.2",
     "Aa09-.!%*_+`'~ sip:aZ9-_.!~*'()%41&=+$,;?/:"
     "aZ9-_.!~*'()%41&=+$,@example.com SIP/2.0\r\n"
     "Via: SIP/2.0/TCP h.example.com;branch=z9hG4bK-.!%66*_+`'~\r\n" HOPS
     "To: \"\\\x07 \\\x01 \\\x7f\" <sip:aZ9-_.!~*'()%41&="
     "+$,;?/@example.com>\r\n"
     "From: aZ9-.! %*_+ `'~ <sip:c@example.com>"
     ";x''~+*_!.-%=\"\xd1\x80\xd0\xb0\";tag=_t~1'+`*%!-.\r\n" ID
     "CSeq: 2147483647 Aa09-.!%*_+`'~\r\n"
     "X-!.%*+_`'~: \xef\xbb\xbf\r\nl: 0\r\n\r\n",
     "request Aa09-.!%*_+`'~\n"
     "to aZ9-_.!~*'()%41&=+$,;?/ at example.com 0\n"
     "via TCP h.example.com 0 z9hG4bK-.!%66*_+`'~ -\n"
     "CSeq 2147483647 Aa09-.!%*_+`'~\n"
     "From \"aZ9-.! %*_+ `'~\" ;x''~+*_!.-%=\"\xd1\x80"
     "\xd0\xb0\";tag=_t~1'+`*%!-.\n"
     "To aZ9-_.!~*'()%41&=+$,;?/ at example.com 0\n"},
    /* % where it means something */
    {"3.1.1.3",
     "INVITE sip:sips%3Ab%40example.com@example.net SIP/2.0\r\n" REST
     "CSeq: 2 INVITE\r\n"
     "Contact: <sip:%62ob@h.example.net;%6C%72;%78=%79%25%34%31>"
     "\r\n\r\n",
     "to sips%3Ab%40example.com at example.net 0\n"
     "Contact %62ob at h.example.net 0;%6C%72;%78=%79%25%34%31\n"},
    {"3.1.1.4",
     REGISTER "To: sip:b%00b@example.com\r\n" VIA FROM ID
              "CSeq: 1 REGISTER\r\nContact: <sip:%00@h.example.com>\r\n"
              "Contact: <sip:%00%00@h.example.com>\r\n\r\n",
     "To b%00b at example.com 0\nContact %00 at h.example.com 0\n"
     "Contact %00%00 at h.example.com 0\n"},
    /* % where it means none: not a REGISTER */
    {"3.1.1.5",
     "I%4eVITE sip:r.example.com SIP/2.0\r\n" VIA HOPS
     "To: \"%4Z%45\" <sip:r@example.com>\r\n" FROM ID "CSeq: 2 I%4eVITE\r\n"
     "Contact: <sip:a1@h.example.com>, %A <sip:a2@h.example.com>\r\n\r\n",
     "request I%4eVITE\nCSeq 2 I%4eVITE\nTo \"%4Z%45\" -\n"
     "Contact \"\" -\nContact \"%A\" -\n"},
    {"3.1.1.6",
     INVITE VIA HOPS "From: Carol<sip:c@example.com>;tag=323\r\n" TO ID
                     "CSeq: 60 INVITE\r\n\r\n",
     "From \"Carol\" ;tag=323\nFrom c at example.com 0\n"},
    /* a second message behind the first */
    {"3.1.1.8",
     REGISTER REST "CSeq: 8 REGISTER\r\nContent-Length: 0\r\n\r\n" INVITE REST
                   "CSeq: 8 INVITE\r\n\r\n",
     "request REGISTER\nvia 1\nCSeq 8 REGISTER\nbody 0 cut\n"},
    /* what looks like parameters is of the user */
    {"3.1.1.9",
     "OPTIONS sip:b;x=y%40example.net@example.com SIP/2.0\r\n" REST
     "CSeq: 8 OPTIONS\r\n\r\n",
     "to b;x=y%40example.net at example.com 0\n"},
    {"3.1.1.10",
     "OPTIONS sip:u@example.com SIP/2.0\r\n"
     "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bK1\r\n"
     "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bK2\r\n"
     "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK3\r\n"
     "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bK4\r\n"
     "Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK5\r\n" FROM TO ID
     "CSeq: 1 OPTIONS\r\nl: 0\r\n\r\n",
     "via UDP t1.example.com 0 z9hG4bK1 -\nvia SCTP t2.example.com 0 z9hG4bK2 "
     "-\nvia TLS t3.example.com 0 z9hG4bK3 -\nvia UNKNOWN t4.example.com 0 "
     "z9hG4bK4 -\nvia TCP t5.example.com 0 z9hG4bK5 -\nvia 5\n"},
    /* a body of several kinds, with header lines of its own */
    {"3.1.1.11",
     "MESSAGE sip:k@example.org SIP/2.0\r\n" REST
     "CSeq: 1 MESSAGE\r\nContent-Type: multipart/mixed;boundary=7a9c\r\n"
     "Content-Length: 61\r\n\r\n--7a9c\r\nContent-Length: 5\r\n\r\nHello\r\n"
     "--7a9c\r\n\r\n\x82\xff\x30\r\n--7a9c--\r\n",
     "CSeq 1 MESSAGE\nbody 61 whole\n"},
    {"3.1.1.12",
     "SIP/2.0 200 (1 + 1): 2; 3 \xe2\x82\xac, \"gr\xc3\xbc\xc3\x9f"
     "e\"\r\n" REST
     "CSeq: 35 INVITE\r\nl: 0\r\nContact: <sip:u@h.example.com>\r\n\r\n",
     "response 200 (1 + 1): 2; 3 \xe2\x82\xac, \"gr\xc3\xbc\xc3\x9f"
     "e\"\n"
     "body 0 whole\n"},
    {"3.1.1.13", "SIP/2.0 100 \r\n" REST "CSeq: 35 INVITE\r\nl: 0\r\n\r\n",
     "response 100 -\nCSeq 35 INVITE\n"},
};

/* Invalid ones; how much of them can be read is told all the same. */
static const struct torture invalid[] = {
    {"3.1.2.1",
     INVITE "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n" HOPS FROM TO ID
            "CSeq: 8 INVITE\r\nContact: \"B\" <sip:b@example.org>;;;;\r\n"
            "\r\n",
     "via ?\nFrom \"\" ;tag=1\nContact ?\n"},
    {"3.1.2.2", INVITE REST "CSeq: 8 INVITE\r\nl: 9999\r\n\r\nbody",
     "body 4 short request\n"},
    {"3.1.2.2 as a response",
     "SIP/2.0 200 OK\r\n" REST "CSeq: 8 INVITE\r\nl: 9999\r\n\r\nbody",
     "body 4 short response\n"},
    {"3.1.2.3", INVITE REST "CSeq: 8 INVITE\r\nl: -999\r\n\r\nbody",
     "body 4 of no length\n"},
    {"3.1.2.4",
     REGISTER
     "Via: SIP/2.0/TCP h.example.com;branch=z9hG4bK1\r\n"
     "CSeq: 18446744073709551617 REGISTER\r\n"
     "Max-Forwards: 300\r\nExpires: 10000000000000000000\r\n" FROM TO ID
     "Contact: <sip:u@h.example.com>;expires=99999999999999"
     "\r\n\r\n",
     "CSeq ?\nMax-Forwards 300\nExpires ?\n"},
    {"3.1.2.5",
     "SIP/2.0 503 Service Unavailable\r\n" REST
     "CSeq: 18446744073709551617 OPTIONS\r\n"
     "Retry-After: 99999999999999999999\r\nl: 0\r\n\r\n",
     "response 503 Service Unavailable\nCSeq ?\n"},
    {"3.1.2.6",
     INVITE VIA HOPS FROM "To: \"B <sip:j@example.com>\r\n" ID
                          "CSeq: 8 INVITE\r\n\r\n",
     "From a at example.com 0\nTo ?\nMax-Forwards 70\n"},
    {"3.1.2.7",
     "INVITE <sip:u@example.com> SIP/2.0\r\n" REST "CSeq: 8 INVITE\r\n\r\n",
     "request INVITE\nto ?\nvia 1\n"},
    {"3.1.2.8",
     "INVITE sip:u@example.com; lr SIP/2.0\r\n" REST "CSeq: 8 INVITE\r\n\r\n",
     "not SIP\n"},
    {"3.1.2.9",
     "INVITE  sip:u@example.com  SIP/2.0\r\n" REST "CSeq: 8 INVITE\r\n\r\n",
     "not SIP\n"},
    {"3.1.2.10",
     "OPTIONS sip:u@example.com SIP/2.0  \r\n" REST "CSeq: 8 OPTIONS\r\n\r\n",
     "not SIP\n"},
    /* headers do not belong there: told, for who answers 400 */
    {"3.1.2.11",
     "INVITE sip:u@example.com?Route=%3Csip:e.example.com%3E SIP/2.0\r\n" REST
     "CSeq: 8 INVITE\r\n\r\n",
     "to u at example.com 0 with headers\n"},
    {"3.1.2.12",
     INVITE REST
     "CSeq: 8 INVITE\r\nDate: Tue, 01 Jan 2030 00:00:00 CET\r\n\r\n",
     "request INVITE\nvia 1\nbody 0 whole\n"},
    {"3.1.2.13",
     REGISTER REST "CSeq: 8 REGISTER\r\n"
                   "Contact: sip:u@example.com?Route=%3Csip:s.example.com%3E"
                   "\r\n\r\n",
     "Contact ?\n"},
    {"3.1.2.14",
     "OPTIONS sip:u@example.org SIP/2.0\r\n" VIA HOPS FROM
     "To: \"B, C\" < sip:b@example.org >\r\n" ID "CSeq: 3 OPTIONS\r\n\r\n",
     "To ?\n"},
    {"3.1.2.15",
     "OPTIONS sip:u@example.org SIP/2.0\r\n" VIA HOPS
     "From: Doe, John <sip:b@example.com>;tag=43\r\n" TO ID
     "CSeq: 3 OPTIONS\r\n\r\n",
     "From ?\n"},
    {"3.1.2.16",
     "OPTIONS sip:u@example.org SIP/7.0\r\n" REST "CSeq: 1 OPTIONS\r\n\r\n",
     "not SIP\n"},
    {"3.1.2.17",
     "OPTIONS sip:u@example.org SIP/2.0\r\n" REST "CSeq: 8 INVITE\r\n\r\n",
     "request OPTIONS\nCSeq 8 INVITE\n"},
    {"3.1.2.18",
     "NEWMETHOD sip:u@example.org SIP/2.0\r\n" REST "CSeq: 8 INVITE\r\n\r\n",
     "request NEWMETHOD\nCSeq 8 INVITE\n"},
    {"3.1.2.19", "SIP/2.0 4294967496 OK\r\n" REST "CSeq: 8 INVITE\r\n\r\n",
     "not SIP\n"},
};

/* Those whose meaning is the trouble: they are read, and judged above. */
static const struct torture meanings[] = {
    {"3.2.1",
     "OPTIONS sip:u@example.com SIP/2.0\r\n"
     "Via: SIP/2.0/WS 192.0.2.1;branch=z9hG4bK\r\n" HOPS FROM TO ID
     "CSeq: 8 OPTIONS\r\n\r\n",
     "via WS 192.0.2.1 0 z9hG4bK -\n"},
    {"3.3.1", INVITE VIA "CSeq: 1 INVITE\r\nl: 4\r\n\r\nbody",
     "CSeq 1 INVITE\nno Max-Forwards\n0 Call-ID\n0 From\nbody 4 whole\n"},
    {"3.3.2",
     "OPTIONS strange:thing SIP/2.0\r\n" REST "CSeq: 3 OPTIONS\r\n\r\n",
     "to of strange\n"},
    {"3.3.3",
     "OPTIONS x.y-z+1://192.0.2.1:80 SIP/2.0\r\n" REST
     "CSeq: 3 OPTIONS\r\n\r\n",
     "to of x.y-z+1\n"},
    {"3.3.4",
     REGISTER VIA HOPS "From: <http://www.example.com>;tag=32\r\n"
                       "To: book:1\r\n" ID "CSeq: 2 REGISTER\r\n"
                       "Contact: <name:b>\r\n\r\n",
     "From of http\nTo of book\nContact of name\n"},
    {"3.3.6",
     INVITE REST "CSeq: 8 INVITE\r\nContent-Type: application/unknown\r\n"
                 "l: 10\r\n\r\n<noise>\r\n\n",
     "body 10 whole\n"},
    {"3.3.8",
     INVITE "Via: SIP/2.0/WS 192.0.2.25;branch=z9hG4bK1\r\n" HOPS HOPS
            "CSeq: 59 INVITE\r\nCSeq: 73 NOT\r\n" ID
            "Call-ID: 2@example.com\r\n" FROM
            "From: <sip:c@example.com>;tag=2\r\n" TO "l: 4\r\nl: 4\r\n\r\nbody",
     "CSeq 59 INVITE\nFrom a at example.com 0\nFrom c at example.com 0\n"
     "2 Call-ID\n2 From\nbody 4 whole\n"},
    {"3.3.9",
     "OPTIONS sip:u@example.com SIP/2.0\r\n" REST
     "CSeq: 8 OPTIONS\r\nl: 13\r\nContent-Length: 5\r\n\r\nbody",
     "body 4 of no length\n"},
    /* a stranger stands below us; no response goes out to him by our doing */
    {"3.3.10",
     "SIP/2.0 200 OK\r\n" VIA "Via: SIP/2.0/UDP 255.255.255.255;branch="
     "z9hG4bK2\r\n" FROM TO ID "CSeq: 8 INVITE\r\nl: 0\r\n\r\n",
     "via WSS a.invalid 0 z9hG4bK1 -\n"
     "via UDP 255.255.255.255 0 z9hG4bK2 -\nvia 2\n"},
    {"3.3.11",
     "OPTIONS sip:u@example.com SIP/2.0\r\n" VIA
     "Max-Forwards: 0\r\n" FROM TO ID "CSeq: 8 OPTIONS\r\n\r\n",
     "Max-Forwards 0\n"},
    /* without angle brackets a parameter is the header's */
    {"3.3.12",
     REGISTER REST "CSeq: 8 REGISTER\r\nContact: sip:+12025550100@gw.example."
                   "net;x\r\n\r\n",
     "Contact \"\" ;x\nContact +12025550100 at gw.example.net 0\n"},
    {"3.3.13",
     REGISTER REST "CSeq: 8 REGISTER\r\nContact: <sip:+12025550100@gw."
                   "example.net;x>\r\n\r\n",
     "Contact \"\" -\n"
     "Contact +12025550100 at gw.example.net 0;x\n"},
    {"3.3.14",
     REGISTER REST "CSeq: 8 REGISTER\r\nContact: <sip:u@example.com?Route=%3C"
                   "sip:s.example.com%3E>\r\n\r\n",
     "Contact u at example.com 0 with headers\n"},
    {"3.3.15", INVITE REST "CSeq: 8 INVITE\r\nAccept: text/strange\r\n\r\n",
     "request INVITE\nbody 0 whole\n"},
    /* as of RFC 2543: no branch, no tag, no angle brackets */
    {"3.4.1",
     "INVITE sip:b@example.com SIP/2.0\r\n"
     "Via: SIP/2.0/UDP gw.example.com\r\n"
     "From: <sip:+12025550100@a.example.net;user=phone>\r\n"
     "To: sip:+12025550101@b.example.net;user=phone\r\n" ID
     "CSeq: 1 INVITE\r\nSubject: x\r\n\r\n",
     "via UDP gw.example.com 0 - -\nFrom \"\" -\n"
     "From +12025550100 at a.example.net 0;user=phone\n"
     "To \"\" ;user=phone\n"},
};

/* RFC 5118: IPv6. */
static const struct torture ipv6[] = {
    {"4.1",
     "REGISTER sip:[2001:db8::10] SIP/2.0\r\n"
     "Via: SIP/2.0/WS [2001:db8::9:1];branch=z9hG4bK1\r\n" FROM TO ID
     "CSeq: 1 REGISTER\r\nContact: \"Caller\" <sip:c@[2001:db8::1]>\r\n"
     "\r\n",
     "to - at [2001:db8::10] 0\nvia WS [2001:db8::9:1] 0 z9hG4bK1 -\n"
     "Contact c at [2001:db8::1] 0\n"},
    {"4.2",
     "REGISTER sip:2001:db8::10 SIP/2.0\r\n" REST "CSeq: 1 REGISTER\r\n\r\n",
     "to ?\n"},
    /* the port belongs to the address, until the brackets tell */
    {"4.3",
     "REGISTER sip:[2001:db8::10:5070] SIP/2.0\r\n" REST
     "CSeq: 1 REGISTER\r\n\r\n",
     "to - at [2001:db8::10:5070] 0\n"},
    {"4.4",
     "REGISTER sip:[2001:db8::10]:5070 SIP/2.0\r\n" REST
     "CSeq: 1 REGISTER\r\n\r\n",
     "to - at [2001:db8::10] 5070\n"},
    {"4.5",
     "BYE sip:[2001:db8::10] SIP/2.0\r\n"
     "Via: SIP/2.0/WSS [2001:db8::9:1]:443;received=[2001:db8::9:255]"
     ";branch=z9hG4bK1\r\n"
     "Via: SIP/2.0/WSS [2001:db8::9:1];received=2001:db8::9:255"
     ";branch=z9hG4bK2\r\n" FROM TO ID "CSeq: 1 BYE\r\n\r\n",
     "via WSS [2001:db8::9:1] 443 z9hG4bK1 [2001:db8::9:255]\n"
     "via WSS [2001:db8::9:1] 0 z9hG4bK2 2001:db8::9:255\n"},
    {"4.6 and 4.8",
     INVITE REST "CSeq: 8 INVITE\r\nContent-Type: application/sdp\r\n"
                 "l: 25\r\n\r\nv=0\r\nc=IN IP6 2001:db8::\n",
     "body 25 whole\n"},
    /* both families side by side, in each header that names a way */
    {"4.7",
     "INVITE sip:u@[2001:db8::9:1] SIP/2.0\r\n"
     "Via: SIP/2.0/WS [2001:db8::9:1]:80;branch=z9hG4bK1, SIP/2.0/UDP "
     "192.0.2.1:5060;branch=z9hG4bK2\r\n"
     "Route: <sip:t@[2001:db8::2]:8080;transport=ws;lr>, <sip:192.0.2.3;lr>\r\n"
     "From: sip:u@[2001:db8::1];tag=1\r\nTo: <sip:u@[2001:db8::9:1]>\r\n" ID
     "CSeq: 8 INVITE\r\n"
     "Contact: <sip:u@[2001:db8::1]:1;transport=ws>;expires=1, "
     "<sip:u@192.0.2.1>\r\n\r\n",
     "to u at [2001:db8::9:1] 0\nvia WS [2001:db8::9:1] 80 z9hG4bK1 -\n"
     "via UDP 192.0.2.1 5060 z9hG4bK2 -\nFrom u at [2001:db8::1] 0\n"
     "To u at [2001:db8::9:1] 0\nContact u at [2001:db8::1] 1;transport=ws\n"
     "Contact u at 192.0.2.1 0\n"
     "Route t at [2001:db8::2] 8080;transport=ws;lr\n"
     "Route - at 192.0.2.3 0;lr\n"},
    {"4.9",
     "OPTIONS sip:u@[::ffff:192.0.2.10]:8080 SIP/2.0\r\n"
     "Via: SIP/2.0/WS [::ffff:192.0.2.2];branch=z9hG4bK1\r\n" FROM TO ID
     "CSeq: 8 OPTIONS\r\n\r\n",
     "to u at [::ffff:192.0.2.10] 8080\n"
     "via WS [::ffff:192.0.2.2] 0 z9hG4bK1 -\n"},
    /* the grammar of RFC 3261 had a colon too many */
    {"4.10",
     "OPTIONS sip:u@[2001:db8:::192.0.2.1] SIP/2.0\r\n" REST
     "CSeq: 8 OPTIONS\r\n\r\n",
     "to u at [2001:db8:::192.0.2.1] 0\n"},
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- each is told ---- */

/* What is told of |text|, behind which a page is unreadable; it lives until the
 * next call. */
static const char *tell_of(const char *text, size_t len) {
  static struct tale tale;
  char *msg = test_guarded(text, len);
  tell_message(&tale, msg, len);
  test_guarded_free(msg, len);
  return tale.told;
}

static void assert_told(const struct torture *torture) {
  const char *told = tell_of(torture->msg, strlen(torture->msg));
  const char *at = told;
  const char *fact = torture->told;
  while (*fact != '\0') {
    size_t len = strcspn(fact, "\n") + 1;
    while (*at != '\0' && strncmp(at, fact, len) != 0) {
      at += strcspn(at, "\n") + 1;
    }
    if (*at == '\0') {
      fail_msg("%s: not told: %.*sbut\n%s", torture->section, (int)len, fact,
               told);
    }
    at += len;
    fact += len;
  }
}

static void assert_all_told(const struct torture *rows, size_t count) {
  size_t i;
  for (i = 0; i < count; i++) {
    assert_told(&rows[i]);
  }
}

static void test_torture_valid_ones_are_read(void **state) {
  (void)state;
  assert_all_told(valid, COUNT(valid));
}

static void test_torture_invalid_ones_are_told(void **state) {
  (void)state;
  assert_all_told(invalid, COUNT(invalid));
}

static void test_torture_odd_meanings_are_left_to_those_above(void **state) {
  (void)state;
  assert_all_told(meanings, COUNT(meanings));
}

static void test_torture_ipv6_is_read_everywhere(void **state) {
  (void)state;
  assert_all_told(ipv6, COUNT(ipv6));
}

/* RFC 4475 3.1.1.2 escapes a NUL in a quoted string, as RFC 3261 section 25.1
 * lets it. Ours is refused on purpose: most programs would see the text end
 * there, and another message than we do. */
static void test_torture_nul_is_refused_even_escaped(void **state) {
  static const char msg[] =
      INVITE REST "CSeq: 1 INVITE\r\nX: \"NUL:\\\0\"\r\n\r\n";
  sipws_sip_view view;
  (void)state;
  view.struct_size = sizeof view;
  assert_int_equal(sipws_sip_parse(msg, sizeof msg - 1, &view),
                   SIPWS_ERR_SYNTAX);
}

/* ---- what needs more than a line ---- */

/* RFC 4475 3.1.1.7: nothing is too long but for the limit of the connection. */
static void test_torture_long_values_are_whole(void **state) {
  static char text[32768];
  char name[600];
  char line[800];
  const char *told;
  size_t len;
  int i;
  (void)state;
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  len = (size_t)snprintf(text, sizeof text,
                         "INVITE sip:user@example.com SIP/2.0\r\n"
                         "To: \"%s\" <sip:u:p@example.com>;p%s=%s\r\n",
                         name, name, name);
  for (i = 0; i < 34; i++) {
    len += (size_t)snprintf(text + len, sizeof text - len,
                            "v: SIP/2.0/TCP h%d.%.60s.example.com;branch="
                            "z9hG4bK%s\r\n",
                            i, name, i == 33 ? name : "");
  }
  snprintf(text + len, sizeof text - len,
           FROM "Call-ID: %s\r\nCSeq: 3882340 INVITE\r\nUnknown-%s: %s\r\n"
                "\r\n",
           name, name, name);
  told = tell_of(text, strlen(text));
  assert_non_null(strstr(told, "\nvia 34\n"));
  snprintf(line, sizeof line, " z9hG4bK%s -\n", name);
  assert_non_null(strstr(told, line));
  snprintf(line, sizeof line, "To \"%s\" ;p", name);
  assert_non_null(strstr(told, line));
}

/* RFC 4475 3.1.1.3 to 3.1.1.5: escapes mean their character in a URI, once, and
 * nothing elsewhere. */
static void test_torture_escapes_are_undone_once(void **state) {
  static const struct {
    const char *a, *b;
    int expected;
  } rows[] = {{"sip:%62ob@h", "sip:bob@h", 1},
              {"sip:bob@h;%6C%72", "sip:bob@h;lr", 1},
              {"sip:h;%78=%79%25%34%31", "sip:h;x=y%2541", 1},
              {"sip:h;x=y%2541", "sip:h;x=yA", 0},
              {"sip:sips%3Ab%40e@h", "sips:b@e", 0},
              {"sip:%00@h", "sip:%00%00@h", 0},
              {"sip:b%00b@h", "sip:b@h", 0}};
  size_t i;
  (void)state;
  for (i = 0; i < COUNT(rows); i++) {
    sipws_span a = {0, (uint32_t)strlen(rows[i].a)};
    sipws_span b = {0, (uint32_t)strlen(rows[i].b)};
    sipws_uri left, right;
    left.struct_size = sizeof left;
    right.struct_size = sizeof right;
    assert_int_equal(sipws_uri_parse(rows[i].a, &a, &left), 0);
    assert_int_equal(sipws_uri_parse(rows[i].b, &b, &right), 0);
    assert_int_equal(sipws_uri_equal(rows[i].a, &left, rows[i].b, &right),
                     rows[i].expected);
  }
}

static void outline(const char *msg, sipws_sip_view *view) {
  view->struct_size = sizeof *view;
  assert_int_equal(sipws_sip_parse(msg, strlen(msg), view), 0);
}

/* RFC 4475 3.1.2.4: a parameter out of range is none. */
static void test_torture_overlarge_parameter_is_no_number(void **state) {
  static const char params[] = ";expires=99999999999999";
  sipws_span whole = {0, sizeof params - 1};
  sipws_span value;
  uint32_t number = 77;
  (void)state;
  assert_int_equal(sipws_param(params, &whole, "expires", 7, &value), 0);
  assert_int_equal(sipws_span_number(params, &value, &number),
                   SIPWS_ERR_SYNTAX);
  assert_int_equal(number, 77);
}

/* RFC 4475 3.3.5: all that a 420 has to name can be walked. */
static void test_torture_required_extensions_are_walked(void **state) {
  static const char msg[] =
      "OPTIONS sip:u@example.com SIP/2.0\r\n" REST "CSeq: 8 OPTIONS\r\n"
      "Require: red, green\r\n"
      "Proxy-Require: blue\r\n"
      "Proxy-Require: black\r\n\r\n";
  static const char *const names[] = {"Require", "Proxy-Require"};
  static const char *const options[][2] = {{"red", "green"}, {"blue", "black"}};
  sipws_sip_view view;
  size_t i, k;
  (void)state;
  outline(msg, &view);
  for (i = 0; i < 2; i++) {
    sipws_span at = {0, 0};
    sipws_span value;
    for (k = 0; k < 2; k++) {
      assert_int_equal(sipws_sip_next_value(msg, sizeof msg - 1, &view,
                                            names[i], strlen(names[i]), &at,
                                            &value),
                       0);
      assert_span(msg, value, options[i][k]);
    }
    assert_int_equal(sipws_sip_next_value(msg, sizeof msg - 1, &view, names[i],
                                          strlen(names[i]), &at, &value),
                     SIPWS_ERR_NOT_FOUND);
  }
}

/* RFC 4475 3.3.7. */
static void test_torture_unknown_credentials_are_read(void **state) {
  static const char value[] = "Odd colour=red";
  sipws_span whole = {0, sizeof value - 1};
  sipws_span found;
  (void)state;
  assert_int_equal(sipws_auth_param(value, &whole, "", 0, &found), 0);
  assert_span(value, found, "Odd");
  assert_int_equal(sipws_auth_param(value, &whole, "colour", 6, &found), 0);
  assert_span(value, found, "red");
  assert_int_equal(sipws_auth_param(value, &whole, "nonce", 5, &found),
                   SIPWS_ERR_NOT_FOUND);
}

/* RFC 4475 3.1.1.8, 3.1.2.2, 3.1.2.3, 3.3.9 as a gateway passes them on: one
 * message, of a length that holds on a stream too. */
static void test_torture_lengths_can_be_put_right(void **state) {
  static const struct torture *const tables[] = {valid, invalid, meanings};
  static const size_t counts[] = {COUNT(valid), COUNT(invalid),
                                  COUNT(meanings)};
  char out[4096];
  size_t i, k;
  (void)state;
  for (i = 0; i < 3; i++) {
    for (k = 0; k < counts[i]; k++) {
      const char *msg = tables[i][k].msg;
      sipws_sip_view view;
      size_t len;
      view.struct_size = sizeof view;
      if (sipws_sip_parse(msg, strlen(msg), &view) != 0) {
        continue;
      }
      assert_int_equal(
          sipws_sip_set_length(msg, strlen(msg), out, sizeof out, &len), 0);
      assert_int_equal(sipws_sip_parse(out, len, &view), 0);
      assert_int_equal(view.verdict, SIPWS_SIP_OK);
      assert_int_equal(view.has_length, 1);
    }
  }
}

/* ---- nothing breaks ---- */

/* All that reads or edits a message, on octets that end at an unreadable page;
 * an edit that was done is a message still. */
static void use(const char *text, size_t len) {
  static const uint8_t addr[4] = {192, 0, 2, 1};
  char *msg = test_guarded(text, len);
  char out[4096];
  sipws_sip_view view;
  size_t out_len = 0;
  int err;
  (void)tell_of(text, len);
  view.struct_size = sizeof view;
  if (sipws_sip_parse(msg, len, &view) == 0) {
    (void)sipws_sip_is_sips(msg, len, &view);
    (void)sipws_sip_is_from(msg, len, &view, "sip:a@example.com", 17);
  }
  err = sipws_sip_respond(msg, len, 400, "No", 2, "t", 1, out, sizeof out,
                          &out_len);
  assert_true(err != 0 || sipws_sip_parse(out, out_len, &view) == 0);
  err = sipws_via_stamp(msg, len, SIPWS_RECEIVED_ALWAYS, addr, 4, 1, out,
                        sizeof out, &out_len);
  assert_true(err != 0 || sipws_sip_parse(out, out_len, &view) == 0);
  err = sipws_via_remove(msg, len, out, sizeof out, &out_len);
  assert_true(err != 0 || sipws_sip_parse(out, out_len, &view) == 0);
  err = sipws_sip_set_length(msg, len, out, sizeof out, &out_len);
  assert_true(err != 0 || sipws_sip_parse(out, out_len, &view) == 0);
  test_guarded_free(msg, len);
}

static void use_cut_and_changed(const struct torture *rows, size_t count) {
  static const char others[] = "\r\n\":<,;\\\xff";
  size_t i, n;
  for (i = 0; i < count; i++) {
    char text[2048];
    size_t len = strlen(rows[i].msg);
    assert_true(len < sizeof text);
    memcpy(text, rows[i].msg, len);
    for (n = 0; n < len; n++) {
      char kept = text[n];
      use(text, n);
      text[n] = others[(n + i) % (sizeof others - 1)];
      use(text, len);
      text[n] = kept;
    }
  }
}

static void test_torture_cut_or_changed_ones_break_nothing(void **state) {
  (void)state;
  use_cut_and_changed(valid, COUNT(valid));
  use_cut_and_changed(invalid, COUNT(invalid));
  use_cut_and_changed(meanings, COUNT(meanings));
  use_cut_and_changed(ipv6, COUNT(ipv6));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_torture_valid_ones_are_read),
      cmocka_unit_test(test_torture_invalid_ones_are_told),
      cmocka_unit_test(test_torture_odd_meanings_are_left_to_those_above),
      cmocka_unit_test(test_torture_ipv6_is_read_everywhere),
      cmocka_unit_test(test_torture_nul_is_refused_even_escaped),
      cmocka_unit_test(test_torture_long_values_are_whole),
      cmocka_unit_test(test_torture_escapes_are_undone_once),
      cmocka_unit_test(test_torture_overlarge_parameter_is_no_number),
      cmocka_unit_test(test_torture_required_extensions_are_walked),
      cmocka_unit_test(test_torture_unknown_credentials_are_read),
      cmocka_unit_test(test_torture_lengths_can_be_put_right),
      cmocka_unit_test(test_torture_cut_or_changed_ones_break_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
