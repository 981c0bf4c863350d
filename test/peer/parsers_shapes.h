/* What messages of the comparison are made of: for each part of a message the
 * shapes that it may have, the ordinary one first. */
#ifndef SIPWS_PEER_PARSERS_SHAPES_H
#define SIPWS_PEER_PARSERS_SHAPES_H

#include <stddef.h>

struct shape {
  const char *name;
  const char *text; /* whole lines, without the last CRLF */
};

/* Request and status lines. */
static const struct shape start_shapes[] = {
    {"request", "INVITE sip:bob@example.com SIP/2.0"},
    {"uri host alone", "OPTIONS sip:example.com SIP/2.0"},
    {"uri port", "INVITE sip:bob@example.com:5080 SIP/2.0"},
    {"uri ws", "INVITE sip:bob@example.com;transport=ws SIP/2.0"},
    {"uri wss", "INVITE sip:bob@example.com;lr;Transport=WSS;x SIP/2.0"},
    {"uri sips", "INVITE sips:bob@example.com:443;transport=ws SIP/2.0"},
    {"uri ipv6", "INVITE sip:bob@[2001:db8::1]:8080;transport=ws SIP/2.0"},
    {"uri ipv6 alone", "OPTIONS sip:[2001:db8::1] SIP/2.0"},
    {"uri ipv6 mapped", "OPTIONS sip:[::ffff:192.0.2.1]:80 SIP/2.0"},
    {"uri ipv6 ambiguous", "OPTIONS sip:[2001:db8::10:5070] SIP/2.0"},
    {"uri password", "INVITE sip:bob:secret@example.com SIP/2.0"},
    {"uri empty password", "INVITE sip:bob:@example.com SIP/2.0"},
    {"uri escapes", "INVITE sip:b%6fb%20c%40d@example.com SIP/2.0"},
    {"uri escaped param", "INVITE sip:bob@example.com;l%72;%74x=%79 SIP/2.0"},
    {"uri odd user", "INVITE sip:-_.!~*'()&=+$,@example.com SIP/2.0"},
    {"uri param-like user", "INVITE sip:bob;x=y?z/@example.com SIP/2.0"},
    {"uri headers", "INVITE sip:bob@example.com?Subject=x&To=y SIP/2.0"},
    {"uri params",
     "INVITE sip:bob@example.com;maddr=1.2.3.4;ttl=1;user=phone SIP/2.0"},
    {"uri upper case", "INVITE SIP:Bob@EXAMPLE.com;LR SIP/2.0"},
    {"uri underscore", "INVITE sip:bob@pbx_1.example.com SIP/2.0"},
    {"uri dot at the end", "INVITE sip:bob@example.com. SIP/2.0"},
    {"uri tel", "INVITE tel:+12025550100 SIP/2.0"},
    {"uri urn", "INVITE urn:service:sos SIP/2.0"},
    {"odd method", "Aa09-.!%*_+`'~ sip:bob@example.com SIP/2.0"},
    {"method in lower case", "invite sip:bob@example.com SIP/2.0"},
    {"version in lower case", "INVITE sip:bob@example.com sip/2.0"},
    {"response", "SIP/2.0 200 OK"},
    {"response without reason", "SIP/2.0 100 "},
    {"response in UTF-8", "SIP/2.0 486 besetzt, sp\xc3\xa4ter: \"=\""},
    {"response 699", "SIP/2.0 699 No   way"},
    /* none that RFC 3261 lets be */
    {"two spaces", "INVITE  sip:bob@example.com SIP/2.0"},
    {"space at the end", "INVITE sip:bob@example.com SIP/2.0 "},
    {"space in front", " INVITE sip:bob@example.com SIP/2.0"},
    {"space in the uri", "INVITE sip:bob@example.com; lr SIP/2.0"},
    {"version 7", "INVITE sip:bob@example.com SIP/7.0"},
    {"no version", "INVITE sip:bob@example.com"},
    {"uri in brackets", "INVITE <sip:bob@example.com> SIP/2.0"},
    {"uri bare ipv6", "INVITE sip:2001:db8::1 SIP/2.0"},
    {"uri broken ipv6", "INVITE sip:[2001:db8::1 SIP/2.0"},
    {"uri no ipv6", "INVITE sip:bob@[2001:xyz::1] SIP/2.0"},
    {"uri port 0", "INVITE sip:bob@example.com:0 SIP/2.0"},
    {"uri port 65536", "INVITE sip:bob@example.com:65536 SIP/2.0"},
    {"uri port of letters", "INVITE sip:bob@example.com:http SIP/2.0"},
    {"uri without host", "INVITE sip:bob@ SIP/2.0"},
    {"uri without user", "INVITE sip:@example.com SIP/2.0"},
    {"uri param twice", "INVITE sip:bob@example.com;x=1;x=2 SIP/2.0"},
    {"uri bad escape", "INVITE sip:b%4gob@example.com SIP/2.0"},
    {"status 700", "SIP/2.0 700 Odd"},
    {"status 099", "SIP/2.0 099 Odd"},
    {"status of four digits", "SIP/2.0 2000 Odd"},
    {"status overlarge", "SIP/2.0 4294967496 OK"},
    {"status of letters", "SIP/2.0 2xx OK"},
};

/* Via lines. */
static const struct shape via_shapes[] = {
    {"via", "Via: SIP/2.0/WSS a1b2c3.invalid;branch=z9hG4bK776"},
    {"compact", "v: SIP/2.0/WSS a1b2c3.invalid;branch=z9hG4bK776"},
    {"name in odd case", "vIA: SIP/2.0/WS a1b2c3.invalid;branch=z9hG4bK776"},
    {"space before the colon", "Via \t: SIP/2.0/WS a.invalid;branch=z9hG4bK1"},
    {"no space", "Via:SIP/2.0/WS a.invalid;branch=z9hG4bK1"},
    {"spaces at the end", "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1  \t"},
    {"folded at once", "Via:\r\n SIP/2.0/WS a.invalid;branch=z9hG4bK1"},
    {"folded everywhere",
     "Via: SIP\r\n / 2.0\r\n\t/ WS\r\n a.invalid\r\n : 80\r\n ; branch\r\n ="
     "\r\n z9hG4bK1\r\n ; rport"},
    {"spaces everywhere",
     "Via: SIP / 2.0 / UDP  192.0.2.1 : 5060 ; branch = z9hG4bK1 ; rport"},
    {"two spaces", "Via: SIP/2.0/WS  a.invalid;branch=z9hG4bK1"},
    {"tab", "Via: SIP/2.0/WS\ta.invalid;branch=z9hG4bK1"},
    {"port", "Via: SIP/2.0/WS a.invalid:8080;branch=z9hG4bK1"},
    {"ipv4", "Via: SIP/2.0/WS 192.0.2.1:80;branch=z9hG4bK1"},
    {"ipv6", "Via: SIP/2.0/WS [2001:db8::9:1];branch=z9hG4bK1"},
    {"ipv6 and port", "Via: SIP/2.0/WSS [2001:db8::9:1]:443;branch=z9hG4bK1"},
    {"transport in lower case", "Via: SIP/2.0/wss a.invalid;branch=z9hG4bK1"},
    {"transport unknown", "Via: SIP/2.0/UNKNOWN a.example.com;branch=z9hG4bK1"},
    {"transport TLS-SCTP",
     "Via: SIP/2.0/TLS-SCTP a.example.com;branch=z9hG4bK1"},
    {"received",
     "Via: SIP/2.0/WS a.invalid;received=192.0.2.1;branch=z9hG4bK1"},
    {"received ipv6", "Via: SIP/2.0/WS [2001:db8::9:1];received=2001:db8::9:255"
                      ";branch=z9hG4bK1"},
    {"received ipv6 in brackets",
     "Via: SIP/2.0/WS [2001:db8::9:1];received=[2001:db8::9:255]"
     ";branch=z9hG4bK1"},
    {"rport asked", "Via: SIP/2.0/UDP a.example.com;rport;branch=z9hG4bK1"},
    {"rport told",
     "Via: SIP/2.0/UDP a.example.com;rport=5062;received=192.0.2.1"
     ";branch=z9hG4bK1"},
    {"params in upper case",
     "Via: SIP/2.0/UDP a.example.com;RPORT;BRANCH=z9hG4bKXyZ"},
    {"keep and unknown params",
     "Via: SIP/2.0/WS a.invalid;keep;alias;x=y;branch=z9hG4bK1;ob"},
    {"quoted param",
     "Via: SIP/2.0/WS a.invalid;x=\"a, b; c=\\\"d\\\"\";branch=z9hG4bK1"},
    {"no branch", "Via: SIP/2.0/WS a.invalid"},
    {"odd branch", "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK-.!%66*_+`'~"},
    {"list",
     "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1,SIP/2.0/UDP b.example.com"
     ";branch=z9hG4bK2"},
    {"list with spaces",
     "v: SIP/2.0/WS a.invalid;branch=z9hG4bK1 ,\r\n SIP/2.0/UDP b.example.com"
     ";branch=z9hG4bK2 , SIP/2.0/TCP c.example.com;branch=z9hG4bK3"},
    {"lines", "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1\r\nTimestamp: 1\r\n"
              "v: SIP/2.0/UDP b.example.com;branch=z9hG4bK2"},
    {"lines and list",
     "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1\r\n"
     "Via: SIP/2.0/UDP b.example.com;branch=z9hG4bK2, SIP/2.0/TCP c.example"
     ".com;branch=z9hG4bK3"},
    {"list with empty values",
     "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1,, SIP/2.0/UDP b.example.com"
     ";branch=z9hG4bK2,"},
    /* none that RFC 3261 lets be */
    {"branch twice",
     "Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1;branch=z9hG4bK2"},
    {"empty params", "Via: SIP/2.0/UDP a.example.com;;,;,,"},
    {"semicolon at the end", "Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1;"},
    {"no host", "Via: SIP/2.0/WS"},
    {"no host but params", "Via: SIP/2.0/WS ;branch=z9hG4bK1"},
    {"no transport", "Via: SIP/2.0 a.invalid;branch=z9hG4bK1"},
    {"no value", "Via:"},
    {"bare ipv6", "Via: SIP/2.0/WS 2001:db8::9:1;branch=z9hG4bK1"},
    {"port 0", "Via: SIP/2.0/WS a.invalid:0;branch=z9hG4bK1"},
    {"port 65536", "Via: SIP/2.0/WS a.invalid:65536;branch=z9hG4bK1"},
    {"port missing", "Via: SIP/2.0/WS a.invalid:;branch=z9hG4bK1"},
    {"open quotes", "Via: SIP/2.0/WS a.invalid;x=\"a;branch=z9hG4bK1"},
    {"comment", "Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1 (Acme)"},
    {"words", "Via: SIP/2.0/UDP a.example.com b.example.com;branch=z9hG4bK1"},
};

/* From lines. */
static const struct shape from_shapes[] = {
    {"from", "From: <sip:alice@example.com>;tag=1928"},
    {"compact", "f: <sip:alice@example.com>;tag=1928"},
    {"name", "From: Alice <sip:alice@example.com>;tag=1928"},
    {"names", "From: Alice P. Liddell <sip:alice@example.com>;tag=1928"},
    {"name without space", "From: Alice<sip:alice@example.com>;tag=1928"},
    {"quoted name", "From: \"Alice\" <sip:alice@example.com>;tag=1928"},
    {"quoted commas",
     "From: \"A, <b>; \\\"c\\\" \\\\\" <sip:alice@example.com>;tag=1928"},
    {"quoted nothing", "From: \"\" <sip:alice@example.com>;tag=1928"},
    {"name in UTF-8",
     "From: \"\xc3\x84lice \xe2\x82\xac\" <sip:alice@example.com>;tag=1928"},
    {"no brackets", "From: sip:alice@example.com;tag=1928"},
    {"no brackets, ipv6", "From: sip:alice@[2001:db8::1]:5060;tag=1928"},
    {"ipv6", "From: <sip:alice@[2001:db8::1]>;tag=1928"},
    {"uri params", "From: <sip:alice@example.com;x=y;tag=no>;tag=1928"},
    {"folded",
     "From:\r\n \"Alice\"\r\n  <sip:alice@example.com>\r\n\t;\r\n tag\r\n =\r\n"
     " 1928"},
    {"more params", "From: <sip:alice@example.com>;x;y=\"z;tag=2\";TAG=1928"},
    {"no tag", "From: <sip:alice@example.com>"},
    {"sips", "From: <sips:alice@example.com:5061>;tag=1928"},
    {"tel", "From: <tel:+12025550100>;tag=1928"},
    /* none that RFC 3261 lets be */
    {"open quotes", "From: \"Alice <sip:alice@example.com>;tag=1928"},
    {"spaces in brackets", "From: <  sip:alice@example.com  >;tag=1928"},
    {"comma in a name",
     "From: Liddell, Alice <sip:alice@example.com>;tag=1928"},
    {"open bracket", "From: <sip:alice@example.com;tag=1928"},
    {"no scheme", "From: <alice@example.com>;tag=1928"},
    {"no value", "From:"},
};

/* Contact lines. */
static const struct shape contact_shapes[] = {
    {"none", NULL},
    {"contact", "Contact: <sip:alice@a1b2c3.invalid;transport=ws>"},
    {"compact", "m: <sip:alice@a1b2c3.invalid;transport=ws>;ob"},
    {"outbound",
     "Contact: <sip:alice@a1b2c3.invalid;transport=ws>;reg-id=1;+sip.instance="
     "\"<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>\";expires=60"},
    {"star", "Contact: *"},
    {"no brackets", "Contact: sip:alice@192.0.2.1;transport=ws;expires=60"},
    {"list", "Contact: <sip:alice@192.0.2.1>;q=1, \"B, C\" <sip:b@192.0.2.2>"},
    {"lines",
     "Contact: <sip:alice@192.0.2.1>\r\nm: <sip:alice@[2001:db8::1]:80>"},
    {"uri headers", "Contact: <sip:alice@192.0.2.1?Route=%3Csip:x%3E>"},
    {"uri port", "Contact: <sip:alice@[2001:db8::1]:5060;transport=ws>"},
    {"folded", "Contact:\r\n <sip:alice@192.0.2.1>\r\n ;q=0.5,\r\n\t<sip:b@c>"},
    {"empty values", "Contact: <sip:alice@192.0.2.1>,, <sip:b@192.0.2.2>,"},
    /* none that RFC 3261 lets be */
    {"empty params", "Contact: <sip:alice@192.0.2.1>;;;;"},
    {"no brackets but headers", "Contact: sip:alice@192.0.2.1?Route=%3Cx%3E"},
    {"spaces in brackets", "Contact: < sip:alice@192.0.2.1 >"},
    {"no value", "Contact:"},
};

/* CSeq lines. */
static const struct shape cseq_shapes[] = {
    {"cseq", "CSeq: 4711 INVITE"},
    {"name in odd case", "cSEQ: 4711 INVITE"},
    {"zeros", "CSeq: 0004711 INVITE"},
    {"spaces", "CSeq:  \t4711  \t INVITE  "},
    {"folded", "CSeq:\r\n 4711\r\n INVITE"},
    {"odd method", "CSeq: 1 Aa09-.!%*_+`'~"},
    {"other method", "CSeq: 1 OPTIONS"},
    {"zero", "CSeq: 0 INVITE"},
    {"2^31 - 1", "CSeq: 2147483647 INVITE"},
    /* none that RFC 3261 lets be */
    {"2^31", "CSeq: 2147483648 INVITE"},
    {"2^32 + 1", "CSeq: 4294967297 INVITE"},
    {"2^64 + 1", "CSeq: 18446744073709551617 INVITE"},
    {"negative", "CSeq: -1 INVITE"},
    {"no number", "CSeq: INVITE"},
    {"no method", "CSeq: 1"},
    {"letters behind the number", "CSeq: 1a INVITE"},
    {"words", "CSeq: 1 INVITE OPTIONS"},
    {"none", NULL},
};

/* Call-ID lines. */
static const struct shape call_id_shapes[] = {
    {"call-id", "Call-ID: a84b4c76e66710@pc33.example.com"},
    {"compact", "i: a84b4c76e66710@pc33.example.com"},
    {"without host", "Call-ID: a84b4c76e66710"},
    {"odd", "Call-ID: -.!%*_+`'~()<>:\\\"/[]?{}@-.!%*_+`'~()<>:\\\"/[]?{}"},
    {"folded", "Call-ID:\r\n a84b4c76e66710@pc33.example.com\r\n "},
    {"name in odd case", "CALL-id : a84b4c76e66710"},
    /* none that RFC 3261 lets be */
    {"two words", "Call-ID: a84b 4c76"},
    {"no value", "Call-ID:"},
};

/* Content-Length lines; the body has 20 octets. */
static const struct shape length_shapes[] = {
    {"right", "Content-Length: 20"},
    {"none", NULL},
    {"compact", "l: 20"},
    {"name in odd case", "CONTENT-length: 20"},
    {"zeros", "Content-Length: 00020"},
    {"spaces", "Content-Length \t:   20 \t"},
    {"folded", "Content-Length:\r\n 20\r\n "},
    {"twice the same", "Content-Length: 20\r\nl: 20"},
    /* RFC 3261 section 18.3, RFC 4475 sections 3.1.2.3 and 3.3.9 */
    {"smaller", "Content-Length: 5"},
    {"zero", "Content-Length: 0"},
    {"greater", "Content-Length: 21"},
    {"far greater", "Content-Length: 9999"},
    {"2^32 + 20", "Content-Length: 4294967316"},
    {"2^64 + 20", "Content-Length: 18446744073709551636"},
    {"negative", "Content-Length: -999"},
    {"signed", "Content-Length: +20"},
    {"letters", "Content-Length: five"},
    {"letters behind", "Content-Length: 20x"},
    {"two numbers", "Content-Length: 20 20"},
    {"no value", "Content-Length:"},
    {"twice, in conflict", "Content-Length: 5\r\nContent-Length: 20"},
    {"twice, the other way", "Content-Length: 20\r\nl: 5"},
};

/* Route lines, and lines that nobody asks for. */
static const struct shape route_shapes[] = {
    {"none", NULL},
    {"unknown", "X-Odd: value"},
    {"odd name", "X-.!%*+_`'~: value"},
    {"folded", "X-Odd: a\r\n b\r\n\t c : d"},
    {"empty", "Subject:"},
    {"spaces alone", "Subject: \t "},
    {"UTF-8", "Subject: \xd0\xb4\xd0\xb0 \xe2\x82\xac"},
    {"odd octets", "X-Odd: \"<>;,\\ =?!@@ \x7f\x01\xff"},
    {"looks like a length", "Subject: x\r\n Content-Length: 5"},
    {"looks like a via", "X-Odd: a, Via: SIP/2.0/UDP evil.example.com"},
    {"routes",
     "Route: \"A, B\" <sip:t@[2001:db8::2];lr;transport=ws>, <sip:c;lr>"},
    {"compact ones", "s: hi\r\nk: path, outbound\r\no: presence"},
    {"line of 4,000 octets", "X-Long: %4000"},
    /* none that RFC 3261 lets be */
    {"no colon", "X-Odd value"},
    {"no name", ": value"},
    {"space in the name", "X Odd: value"},
};

#endif /* SIPWS_PEER_PARSERS_SHAPES_H */
