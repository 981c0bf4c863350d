/* A message with everything that the grammar lets one do to a header. */
#ifndef SIPWS_TEST_FOLDED_H
#define SIPWS_TEST_FOLDED_H

/* The shape of RFC 4475 3.1.1.1. */
static const char folded[] =
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n"
    " sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n"
    "  ;\r\n"
    "  tag = 98asjd8\r\n"
    "MaX-fOrWaRdS: 0068\r\n"
    "s :\r\n"
    "NewFangledHeader:   newfangled value\r\n"
    " continued newfangled value\r\n"
    "V:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n"
    "  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n"
    " z9hG4bK30239\r\n"
    "CSeq: 0009\r\n"
    "  INVITE\r\n"
    "l: 5\r\n"
    "Via  : SIP /2.0/UDP 192.0.2.2;branch=390skdjuw\r\n"
    "\r\n"
    " body";

#endif /* SIPWS_TEST_FOLDED_H */
