#include "ua_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ua_sip.h"

static const char help[] =
    "usage: ua [--server URL] --aor URI [options] COMMAND\n"
    "A SIP client over WebSocket (RFC 7118), as\n"
    "  ua --server ws://127.0.0.1:8080/ --aor sip:alice@example.com listen\n"
    "What holds without an option stands in parentheses.\n"
    "\n"
    "Commands\n"
    "  register            register once\n"
    "  options TARGET      ask TARGET, a SIP URI, for its capabilities\n"
    "  message TARGET TEXT\n"
    "                      register, send TEXT to TARGET, unregister\n"
    "  listen              register, answer OPTIONS and MESSAGE and show\n"
    "                      what messages say; unregister at the end, or on\n"
    "                      Ctrl-C\n"
    "\n"
    "Servers\n"
    "  --server URL        where to connect to, ws://HOST[:PORT]/[PATH] or\n"
    "                      wss://… (what the DNS tells of the AOR's domain,\n"
    "                      RFC 3263); two to four times: register over a\n"
    "                      flow to each (RFC 5626). A message goes over one\n"
    "                      that stands, listen opens lost ones anew\n"
    "  --dns ADDRESS:PORT  the DNS server to ask (those of the system)\n"
    "  --retry SECONDS     base of the delay before a flow is opened anew\n"
    "                      (90, or 30 when none stands: RFC 5626 section\n"
    "                      4.5)\n"
    "  --origin TEXT       Origin header of the handshake (none)\n"
    "\n"
    "Registration\n"
    "  --aor URI           whom to register, as sip:alice@example.com\n"
    "  --user NAME         name for authentication (that of the AOR)\n"
    "  --password TEXT     for Digest, in SIP and in the handshake, and over\n"
    "                      wss for Basic (UA_PASSWORD of the environment,\n"
    "                      which keeps it out of the process list)\n"
    "  --state FILE        keeps the instance from run to run, so that the\n"
    "                      registrar knows this client again; made if\n"
    "                      missing (a new one each time)\n"
    "  --expires SECONDS   how long the registration is to last (600)\n"
    "\n"
    "TLS and HTTP proxies\n" SECURE_CLIENT_HELP "\n"
    "Waiting and showing\n"
    "  --timeout SECONDS   wait for a response (32: RFC 3261, 64*T1)\n"
    "  --listen-count N    listen until N messages came (for ever)\n"
    "  --for SECONDS       listen so long (for ever)\n"
    "  --brief             one line for each message in the trace\n"
    "  --quiet             no trace, results only\n"
    "  --help              this text\n"
    "\n"
    "Exit status\n"
    "  0 done, or answered 2xx   1 refused; the status is printed   2 usage\n"
    "  3 no connection, the handshake failed, or the connection ended\n"
    "  4 no response in time, or fewer messages than --listen-count\n";

static int options_fail(const char *what, const char *value) {
  fprintf(stderr, "ua: %s%s; ua --help tells more\n", what, value);
  return -1;
}

static int options_number(const char *text, uint32_t *number) {
  sipws_span all = {0, (uint32_t)strlen(text)};

  return sipws_span_number(text, &all, number) == 0
             ? 0
             : options_fail("not a number: ", text);
}

static int options_server(struct ua_options *options, const char *value) {
  sipws_url url;

  url.struct_size = sizeof(url);
  if (sipws_url_parse(value, strlen(value), &url) != 0) {
    return options_fail("not a ws or wss URL: ", value);
  }
  if (options->server_count == UA_FLOWS) {
    return options_fail("one server too many: ", value);
  }
  options->servers[options->server_count++] = value;
  return 0;
}

/* 1 when |text| is a sip or sips URI. */
static int options_is_uri(const char *text) {
  sipws_uri uri;

  return ua_uri_read(text, &uri) == 0;
}

/* The command and its arguments. */
static int options_command(struct ua_options *options, int argc, char **argv) {
  static const struct {
    const char *name;
    enum ua_command command;
    int argc;
  } commands[] = {{"register", UA_REGISTER, 0},
                  {"options", UA_OPTIONS, 1},
                  {"message", UA_MESSAGE, 2},
                  {"listen", UA_LISTEN, 0}};
  size_t i = 0;

  if (argc == 0) {
    return options_fail("a command is missing", "");
  }
  while (i < 4 && strcmp(argv[0], commands[i].name) != 0) {
    i++;
  }
  if (i == 4) {
    return options_fail("no such command: ", argv[0]);
  }
  if (argc - 1 != commands[i].argc) {
    return options_fail("wrong number of arguments for ", argv[0]);
  }
  options->command = commands[i].command;
  options->target = argc > 1 ? argv[1] : NULL;
  options->text = argc > 2 ? argv[2] : NULL;
  if (options->target != NULL && !options_is_uri(options->target)) {
    return options_fail("not a SIP URI: ", options->target);
  }
  return 0;
}

/* One option of getopt_long; 0, 1 or -1 as ua_options_read. */
static int options_one(struct ua_options *options, int letter, char *value) {
  switch (letter) {
  case 's':
    return options_server(options, value);
  case 'a':
    options->aor = value;
    return 0;
  case 'u':
    options->username = value;
    /* It stands in quotes in the credentials. */
    return strpbrk(value, "\"\\\r\n") != NULL
               ? options_fail("no user name: ", value)
               : 0;
  case 'p':
    options->password = value;
    return 0;
  case 'd':
    options->dns = value;
    return 0;
  case 'i':
    options->state = value;
    return 0;
  case 'o':
    options->origin = value;
    return 0;
  case 'e':
    return options_number(value, &options->expires_s);
  case 't':
    return options_number(value, &options->timeout_s);
  case 'r':
    return options_number(value, &options->retry_s);
  case 'c':
    return options_number(value, &options->listen_count);
  case 'f':
    return options_number(value, &options->listen_s);
  case 'b':
    options->trace = UA_TRACE_BRIEF;
    return 0;
  case 'q':
    options->trace = UA_TRACE_NONE;
    return 0;
  case 'h':
    fputs(help, stdout);
    return 1;
  default:
    return options_fail("the options are not right", "");
  }
}

static int options_secure(struct ua_options *options, const char *name,
                          char *value) {
  char option[32];

  snprintf(option, sizeof(option), "--%s", name);
  return secure_option(&options->secure, option, value) > 0 ? 0 : -1;
}

int ua_options_read(struct ua_options *options, int argc, char **argv) {
  static const struct option names[] = {
      {"server", required_argument, NULL, 's'},
      {"aor", required_argument, NULL, 'a'},
      {"user", required_argument, NULL, 'u'},
      {"password", required_argument, NULL, 'p'},
      {"dns", required_argument, NULL, 'd'},
      {"state", required_argument, NULL, 'i'},
      {"origin", required_argument, NULL, 'o'},
      {"expires", required_argument, NULL, 'e'},
      {"timeout", required_argument, NULL, 't'},
      {"retry", required_argument, NULL, 'r'},
      {"listen-count", required_argument, NULL, 'c'},
      {"for", required_argument, NULL, 'f'},
      {"ca", required_argument, NULL, 'S'},
      {"crl", required_argument, NULL, 'S'},
      {"cert", required_argument, NULL, 'S'},
      {"key", required_argument, NULL, 'S'},
      {"proxy", required_argument, NULL, 'S'},
      {"insecure-no-verification", no_argument, NULL, 'S'},
      {"brief", no_argument, NULL, 'b'},
      {"quiet", no_argument, NULL, 'q'},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  int letter;
  int which = 0;
  int error;

  memset(options, 0, sizeof(*options));
  options->password = getenv("UA_PASSWORD");
  options->expires_s = 600;
  options->timeout_s = 32;
  options->trace = UA_TRACE_FULL;
  while ((letter = getopt_long(argc, argv, "", names, &which)) != -1) {
    error = letter == 'S' ? options_secure(options, names[which].name, optarg)
                          : options_one(options, letter, optarg);
    if (error != 0) {
      return error;
    }
  }
  if (options->aor == NULL) {
    return options_fail("--aor is needed, as --aor sip:alice@example.com", "");
  }
  if (options->server_count == 0 && options->secure.proxy != NULL) {
    return options_fail("--proxy needs a --server, as " UA_A_SERVER, "");
  }
  return options_command(options, argc - optind, argv + optind);
}
