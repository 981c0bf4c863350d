# sipws: SIP over WebSocket. GNU make; "make help" lists the targets.

VERSION  := 0.1.0
SONAME   := libsipws.so.0.1

CC       ?= cc
AR       ?= ar
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
LIBDIR   ?= $(PREFIX)/lib
BUILD    ?= build

# What makes an overflow that nobody found end the program; HARDEN= for compilers
# that know it not. The C library's checks need the optimizer, and sanitizers have
# their own.
HARDEN   ?= -fstack-protector-strong -fstack-clash-protection \
            $(if $(filter -O0 -fsanitize=%,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)

# Ours, added to whatever CFLAGS says. WERROR=-Werror in CI.
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings \
            -Wvla $(WERROR)
OURS     := -std=c99 $(WARNINGS) -Iinclude -fvisibility=hidden -MMD -MP $(HARDEN)
LIBS     := -lwslay -lmbedcrypto
TLS_LIBS := -lmbedtls -lmbedx509

# Another mbedTLS than the system's: an unpacked source tree, built there.
ifdef MBEDTLS
override CPPFLAGS += -I$(MBEDTLS)/include
override LDFLAGS  += -L$(MBEDTLS)/library
endif

# The rooms, ground floor first; a room includes only rooms on lower floors, and
# its parts the first one's header.
ROOMS := mem err crypto buf buf_queue text_scan text octets utf8 \
         http http_list http_lines sip sip_value sip_header sip_edit sip_build \
         host via uri uri_build sip_uri url flow contact frame frame_codec \
         frame_send frame_wslay message \
         handshake handshake_client handshake_server handshake_answer \
         config conn conn_busy conn_end conn_event conn_handshake \
         conn_handshake_client conn_handshake_server conn_take conn_head \
         conn_input conn_send conn_taken conn_timer conn_get conn_flow \
         conn_stage pump os \
         front_trust front_proxy front_forwarded front_expect front_client \
         front_tunnel front_origin front_query front_auth front_digest \
         front_backoff front_retry front_cookie \
         locate locate_ask locate_order clf clf_field clf_conn

# The rooms of the second library, which also holds mem.
TLS_ROOMS := $(sort $(patsubst lib/sipws_%.c,%,$(wildcard lib/sipws_tls*.c)))

# Examples, and the files of examples/ that each is made of.
EXAMPLES := memory poll_client poll_server echo_server echo_client ua proxy locate
memory_FILES      := memory
locate_FILES      := locate resolve
locate_LIBS       := -lcares
poll_client_FILES := poll_client net
poll_server_FILES := poll_server net
echo_server_FILES := echo_server net net_server secure
echo_client_FILES := echo_client net net_server secure
ua_FILES          := $(patsubst examples/%.c,%,$(wildcard examples/ua*.c)) \
                     net secure text resolve
ua_LIBS           := -lcares
proxy_FILES       := $(patsubst examples/%.c,%,$(wildcard examples/proxy*.c)) \
                     net net_server secure text

# WSLAY=0 builds without wslay, LANE=0 with wslay for everything (see
# lib/sipws_frame_codec.c), each in a BUILD of its own.
ifeq ($(WSLAY),0)
OURS      += -DSIPWS_NO_WSLAY
LIBS      := $(filter-out -lwslay,$(LIBS))
WITHOUT   := frame_wslay
endif
ifeq ($(LANE),0)
OURS      += -DSIPWS_NO_LANE
endif
BUILT     := $(filter-out $(WITHOUT),$(ROOMS))

OBJECTS   := $(BUILT:%=$(BUILD)/lib/sipws_%.o)
STATIC    := $(BUILD)/libsipws.a
SHARED    := $(BUILD)/libsipws.so.$(VERSION)
TLS_OBJECTS := $(TLS_ROOMS:%=$(BUILD)/lib/sipws_%.o)
TLS_STATIC  := $(BUILD)/libsipws-tls.a
TLS_SONAME  := libsipws-tls.so.0.1
TLS_SHARED  := $(BUILD)/libsipws-tls.so.$(VERSION)
TESTS     := $(patsubst test/%.c,$(BUILD)/test/%,$(wildcard test/test_*.c))
SCRIPTS   := $(wildcard test/check_*.sh)
REPLAYS   := $(patsubst fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard fuzz/fuzz_*.c))
PEER_SCRIPTS := $(wildcard test/peer_*.sh)
LONG      := $(wildcard test/long_*.sh)

# Debian packages that building and testing need; test/deps.sh installs them.
PACKAGES  := libwslay-dev libmbedtls-dev libcmocka-dev pkg-config binutils \
             python3 openssl libc-ares-dev dnsmasq-base
PEER_PACKAGES := kamailio kamailio-websocket-modules kamailio-tls-modules chromium \
                 tshark nginx haproxy tinyproxy-bin sip-tester libosip2-dev \
                 libsofia-sip-ua-dev \
                 $(if $(shell command -v npm),,nodejs npm)

LONG_PACKAGES := clang clang-tidy cppcheck gcovr valgrind afl++

# One short line a file; V=1 shows the commands.
ifeq ($(V),1)
quiet =
else
quiet = @echo "  $(1)";
endif

.PHONY: all lib examples tests check check-units check-peers check-long soak coverage fuzz replays bench-tls size \
        bench-echo bench-many \
        demo serve web install uninstall clean deps format check-format help
.SECONDARY:
.DELETE_ON_ERROR:

all: deps lib examples

# What asks for packages compiles when they are there, with -j too.
DEPS := $(if $(filter all demo serve check check-peers,$(or $(MAKECMDGOALS),all)),deps)

lib: $(STATIC) $(BUILD)/libsipws.so $(TLS_STATIC) $(BUILD)/libsipws-tls.so

$(BUILD)/lib/%.o: lib/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(call quiet,cc $<)$(CC) $(OURS) -fPIC $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

# Nothing undefined, and nothing of a static mbedTLS shown.
LINK_SHARED := -Wl,-z,defs -Wl,--exclude-libs,ALL -Wl,-z,relro -Wl,-z,now \
               -Wl,-z,noexecstack

$(STATIC): $(OBJECTS)
	@rm -f $@
	$(call quiet,ar $@)$(AR) rcs $@ $^

$(SHARED): $(OBJECTS)
	$(call quiet,ld $@)$(CC) -shared -Wl,-soname,$(SONAME) $(LINK_SHARED) \
	  $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libsipws.so: $(SHARED)
	@ln -sf $(<F) $(BUILD)/$(SONAME)
	@ln -sf $(SONAME) $@

$(TLS_STATIC): $(TLS_OBJECTS)
	@rm -f $@
	$(call quiet,ar $@)$(AR) rcs $@ $^

$(TLS_SHARED): $(TLS_OBJECTS) $(BUILD)/lib/sipws_mem.o $(BUILD)/libsipws.so
	$(call quiet,ld $@)$(CC) -shared -Wl,-soname,$(TLS_SONAME) $(LINK_SHARED) \
	  $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -L$(BUILD) -lsipws \
	  $(TLS_LIBS) -lmbedcrypto

$(BUILD)/libsipws-tls.so: $(TLS_SHARED)
	@ln -sf $(<F) $(BUILD)/$(TLS_SONAME)
	@ln -sf $(TLS_SONAME) $@

examples: $(EXAMPLES:%=$(BUILD)/examples/%)

$(BUILD)/examples/%.o: examples/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(call quiet,cc $<)$(CC) $(OURS) -D_POSIX_C_SOURCE=200809L $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

define example_rule
$(BUILD)/examples/$(1): $($(1)_FILES:%=$(BUILD)/examples/%.o) $(TLS_STATIC) \
                        $(STATIC)
	$$(call quiet,ld $$@)$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$($(1)_LIBS) \
	  $$(TLS_LIBS) $$(LIBS)
endef
$(foreach e,$(EXAMPLES),$(eval $(call example_rule,$(e))))

# ------------------------------------------------------------------- tests

$(BUILD)/test/%.o: test/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(call quiet,cc $<)$(CC) $(OURS) -Ilib -Itest -D_DEFAULT_SOURCE $(CFLAGS) \
	  $(CPPFLAGS) -c -o $@ $<

$(BUILD)/test/test_%: $(BUILD)/test/test_%.o $(BUILD)/test/support.o \
                      $(BUILD)/test/pair.o $(STATIC)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	  $(filter %-tls.a,$^) $(STATIC) -lcmocka $(if $(filter %-tls.a,$^),$(TLS_LIBS)) $(LIBS)

$(patsubst test/%.c,$(BUILD)/test/%,$(wildcard test/test_tls*.c \
  test/test_fail_tls.c)): \
  $(TLS_STATIC) $(BUILD)/test/certs.o

$(patsubst test/%.c,$(BUILD)/test/%,$(wildcard test/test_conn_stage*.c \
  test/test_conn_secret.c)): \
  $(BUILD)/test/stage.o

$(patsubst test/%.c,$(BUILD)/test/%,$(wildcard test/test_fail*.c)): \
  $(BUILD)/test/dialogue.o

# What other libraries allocate fails too. calloc is had of a static mbedTLS, for
# the linker wraps nothing in shared ones.
$(BUILD)/test/test_fail_libs: override LDFLAGS += \
  -Wl,--wrap=mbedtls_md_setup,--wrap=wslay_frame_context_init
$(BUILD)/test/test_fail_tls: override LDFLAGS += -Wl,--wrap=calloc
$(BUILD)/test/test_fail_tls: TLS_LIBS := -l:libmbedtls.a -l:libmbedx509.a
$(BUILD)/test/test_fail_tls: LIBS := $(LIBS:-lmbedcrypto=-l:libmbedcrypto.a)

# Hostile inputs, for memory and time, and for instructions.
$(BUILD)/test/test_hostile: $(BUILD)/test/hostile/peers.o

$(BUILD)/test/hostile/hostile: $(patsubst %.c,$(BUILD)/%.o, \
                                 $(wildcard test/hostile/*.c) test/certs.c \
                                 test/support.c) $(TLS_STATIC) $(STATIC)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TLS_LIBS) \
	  -lcmocka $(LIBS)

tests: $(TESTS)

# Tests of files of the examples.
$(BUILD)/test/test_ua_sip: $(addprefix $(BUILD)/examples/,ua_sip.o ua_auth.o \
                             text.o)

check: deps lib examples tests $(REPLAYS)
	@BUILD=$(BUILD) CC="$(CC)" VERSION=$(VERSION) SONAME=$(SONAME) \
	  TLS_SONAME=$(TLS_SONAME) LDFLAGS="$(LDFLAGS)" \
	  sh test/run.sh $(TESTS) $(REPLAYS) $(SCRIPTS)

# The C tests alone: for sanitizers, and for valgrind by WRAPPER=….
check-units: tests $(REPLAYS)
	@BUILD=$(BUILD) sh test/run.sh $(TESTS) $(REPLAYS)

# Every case of test/conformance; and faults in the library, which must show.
.PHONY: conformance conformance-faults
conformance: lib examples
	@BUILD=$(BUILD) CONFORMANCE=--long sh test/check_conformance.sh

conformance-faults: lib examples
	@BUILD=$(BUILD) CC="$(CC)" sh test/conformance/faults.sh

# Against programs nobody here wrote.
check-peers: all
ifndef NO_DEPS
	@sh test/deps.sh $(PEER_PACKAGES)
endif
	@BUILD=$(BUILD) sh test/run.sh $(PEER_SCRIPTS)

# What takes longer, and is run by hand: some 90 minutes on two cores.
check-long: lib examples tests $(addprefix $(BUILD)/test/,long/soak hostile/hostile)
ifndef NO_DEPS
	@sh test/deps.sh $(LONG_PACKAGES)
endif
	@BUILD=$(BUILD) LIMIT=3600 sh test/run.sh $(LONG)

$(BUILD)/test/long/%.o: test/long/%.c
	@mkdir -p $(@D)
	$(call quiet,cc $<)$(CC) $(OURS) -D_DEFAULT_SOURCE $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

$(BUILD)/test/long/soak: $(addprefix $(BUILD)/test/long/,soak.o soak_loop.o \
                           soak_end.o) $(BUILD)/examples/net.o $(STATIC)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# How much of lib/ the C tests reach; what they do not is named.
coverage:
ifndef NO_DEPS
	@sh test/deps.sh gcovr
endif
	@BUILD=$(BUILD) sh test/long_coverage.sh && cat $(BUILD)/coverage.txt

# 5,000 connections for 20 minutes, unless SOAK_CONNECTIONS, SOAK_TIME say other.
soak: $(BUILD)/test/long/soak
	@BUILD=$(BUILD) LIMIT=3600 sh test/run.sh test/long_soak.sh

# -------------------------------------------------------------- benchmarks

$(BUILD)/test/bench/%.o: test/bench/%.c
	@mkdir -p $(@D)
	$(call quiet,cc $<)$(CC) $(OURS) -Ilib -Itest -Itest/bench -D_DEFAULT_SOURCE \
	  $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

$(BUILD)/test/bench/bench_tls: $(addprefix $(BUILD)/test/,bench/bench_tls.o \
                                 bench/bare_tls.o certs.o support.o) \
                               $(TLS_STATIC) $(STATIC)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TLS_LIBS) \
	  -lcmocka $(LIBS)

.PHONY: bench bench-build bench-deps bench-page

# The codecs that are compared, each a shared object of its own (codec.h);
# PEERS=dir adds those of dir/*.c and dir/*.cc but echo_*, which are servers.
CXX         ?= c++
CXXFLAGS    ?= $(CFLAGS)
BENCH_PACKAGES := gnuplot-nox libwebsockets-dev valgrind
HAS_AVX2    := $(shell grep -qsw avx2 /proc/cpuinfo && echo sipws-avx2)
CODECS      := sipws sipws-opaque $(HAS_AVX2) sipws-lane0 wslay lws copy
PEER_CODECS := $(if $(PEERS),$(filter-out echo_%,$(basename $(notdir \
                 $(wildcard $(PEERS)/*.c $(PEERS)/*.cc)))))
CODEC_FILES := $(CODECS:%=$(BUILD)/bench/%.so) \
               $(PEER_CODECS:%=$(BUILD)/bench/peers/%.so)
LANE0       := $(BUILD)/bench/lane0
AVX2        := $(BUILD)/bench/avx2
codec        = $(CC) $(OURS) -fPIC -Itest/bench -D_DEFAULT_SOURCE $(CFLAGS) \
               $(CPPFLAGS) $(LDFLAGS) -shared -Wl,--exclude-libs,ALL -o $@
# What the lane is measured against must have wslay.
CODEC_LIBS  := -lwslay -lmbedcrypto

$(BUILD)/bench/sipws.so: test/bench/codec_sipws.c $(STATIC)
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(codec) $(filter %.c %.a,$^) $(LIBS)
$(BUILD)/bench/sipws-opaque.so: test/bench/codec_sipws.c $(STATIC)
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(codec) -DBENCH_OPAQUE -DBENCH_NAME='"sipws-opaque"' \
	  $(filter %.c %.a,$^) $(LIBS)
$(BUILD)/bench/sipws-lane0.so: test/bench/codec_sipws.c $(LANE0)/libsipws.a
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(codec) -DBENCH_NAME='"sipws-lane0"' \
	  $(filter %.c %.a,$^) $(CODEC_LIBS)
$(BUILD)/bench/sipws-avx2.so: test/bench/codec_sipws.c $(AVX2)/libsipws.a
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(codec) -DBENCH_NAME='"sipws-avx2"' \
	  $(filter %.c %.a,$^) $(LIBS)
$(BUILD)/bench/%.so: test/bench/codec_%.c
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(codec) $< $(codec_$*_LIBS)
codec_wslay_LIBS := -lwslay
codec_lws_LIBS   := -lwebsockets
$(LANE0)/libsipws.a: FORCE
	@$(MAKE) -s --no-print-directory BUILD=$(LANE0) WSLAY=1 LANE=0 NO_DEPS=1 $@
$(AVX2)/libsipws.a: FORCE
	@$(MAKE) -s --no-print-directory BUILD=$(AVX2) CFLAGS="$(CFLAGS) -mavx2" \
	  NO_DEPS=1 $@

$(BUILD)/bench/peers/%.so: $(PEERS)/%.c
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(CC) -fPIC -Itest/bench $(CFLAGS) -shared -o $@ $< \
	  $(shell cat $(PEERS)/$*.flags 2>/dev/null)
$(BUILD)/bench/peers/%.so: $(PEERS)/%.cc
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(CXX) -fPIC -Itest/bench $(CXXFLAGS) -shared -o $@ $< \
	  $(shell cat $(PEERS)/$*.flags 2>/dev/null)

$(BUILD)/bench/bench: $(addprefix $(BUILD)/test/bench/,bench.o work.o job.o \
                        message.o)
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ldl
$(BUILD)/bench/heap: $(addprefix $(BUILD)/test/bench/,bench_heap.o heap.o \
                       work.o job.o message.o)
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ldl

# What check_instructions.sh counts besides: what is forged.
$(BUILD)/bench/forged: $(BUILD)/test/bench/forged.o $(STATIC)
	@mkdir -p $(@D)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

bench-build: $(BUILD)/bench/bench $(BUILD)/bench/heap $(CODEC_FILES)

bench: bench-deps
	@$(MAKE) --no-print-directory bench-build
	@BUILD=$(BUILD) CC="$(CC)" CFLAGS="$(CFLAGS)" python3 -B test/bench/run.py \
	  $(CODEC_FILES)

bench-deps:
ifndef NO_DEPS
	@sh test/deps.sh $(PACKAGES) $(BENCH_PACKAGES)
endif

# The results page, from what the last "make bench" measured.
bench-page:
	@BUILD=$(BUILD) python3 -B test/bench/page.py > $(BUILD)/RESULTS.md
	@cp $(BUILD)/RESULTS.md test/bench/RESULTS.md
	@cp $(BUILD)/bench.svg test/bench/RESULTS.svg
	@echo "test/bench/RESULTS.md is that of $(BUILD)/bench.json"

bench-tls: $(BUILD)/test/bench/bench_tls
	@BUILD=$(BUILD) sh test/bench/tls.sh

# Echo servers, in one epoll loop but for that of libwebsockets (where it is
# installed), and the clients that load them. PEERS=dir: more servers.
ECHO_SERVERS := $(addprefix $(BUILD)/test/bench/echo_,epoll raw wslay)
ECHO_LWS     := $(if $(wildcard /usr/include/libwebsockets.h),$(BUILD)/test/bench/echo_lws)
LOADS        := $(addprefix $(BUILD)/test/bench/load_,echo many)

$(BUILD)/test/bench/echo_epoll: $(BUILD)/test/bench/echo_timer.o
$(ECHO_SERVERS): $(BUILD)/test/bench/echo_%: $(BUILD)/test/bench/echo_%.o \
                 $(BUILD)/test/bench/echo_loop.o $(STATIC)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/test/bench/echo_lws: $(BUILD)/test/bench/echo_lws.o
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lwebsockets

$(BUILD)/test/bench/load_many: $(BUILD)/test/bench/load_memory.o
$(LOADS): $(BUILD)/test/bench/load_%: $(BUILD)/test/bench/load_%.o \
          $(addprefix $(BUILD)/test/bench/,load.o load_traffic.o)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

bench-echo: $(ECHO_SERVERS) $(ECHO_LWS) $(BUILD)/test/bench/load_echo
	@BUILD=$(BUILD) PEERS="$(PEERS)" sh test/bench/echo.sh

$(BUILD)/test/bench/many_tls: $(addprefix $(BUILD)/test/,bench/many_tls.o \
                                certs.o support.o) $(TLS_STATIC) $(STATIC)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TLS_LIBS) \
	  -lcmocka $(LIBS)

bench-many: $(ECHO_SERVERS) $(addprefix $(BUILD)/test/bench/,load_many many_tls)
	@BUILD=$(BUILD) sh test/bench/many.sh

# ----------------------------------------------------------------- fuzzing

# Each fuzz/fuzz_NAME.c is a target; the other files there are what they share.
# FUZZ_MAIN, a plain main, replays the corpus as one test a file. "make fuzz"
# builds the same targets with an engine's main, in a BUILD of its own, and runs
# each, or ONLY those named, for TIME seconds, two at a time: libfuzzer, or afl.
# libfuzzer begins with DRAWN inputs (300) that fuzz/drawn.py draws by SEED (1).
TIME      ?= 30
ENGINE    ?= libfuzzer
CLANG     ?= clang
FUZZ_MAIN ?= $(BUILD)/fuzz/replay.o
SHARED_BY_FUZZERS := $(filter-out $(BUILD)/fuzz/fuzz_% $(BUILD)/fuzz/replay.o, \
                       $(patsubst fuzz/%.c,$(BUILD)/fuzz/%.o,$(wildcard fuzz/*.c)))

$(BUILD)/fuzz/%.o: fuzz/%.c | $(DEPS)
	@mkdir -p $(@D)
	$(call quiet,cc $<)$(CC) $(OURS) -Ilib -D_DEFAULT_SOURCE $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

$(BUILD)/fuzz/shared.a: $(SHARED_BY_FUZZERS)
	@rm -f $@
	$(call quiet,ar $@)$(AR) rcs $@ $^

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/fuzz_%.o $(FUZZ_MAIN) \
                      $(BUILD)/fuzz/shared.a $(TLS_STATIC) $(STATIC)
	$(call quiet,ld $@)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TLS_LIBS) $(LIBS)

# Its certificates are made as those of the tests.
$(BUILD)/fuzz/fuzz_tls: $(BUILD)/test/certs.o $(BUILD)/test/support.o
$(BUILD)/fuzz/fuzz_tls: LIBS += -lcmocka

replays: $(REPLAYS)

FUZZ_CC_libfuzzer := $(CLANG)
FUZZ_CC_afl       := afl-clang-fast
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
              -fsanitize=address,undefined

fuzz:
	@BUILD=$(BUILD) CC=$(FUZZ_CC_$(ENGINE)) sh fuzz/run.sh check $(ENGINE)
	@+$(MAKE) --no-print-directory BUILD=$(BUILD)/$(ENGINE) FUZZ_MAIN= \
	  CC=$(FUZZ_CC_$(ENGINE)) CFLAGS="$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link" \
	  LDFLAGS=-fsanitize=fuzzer \
	  $(if $(ONLY),$(addprefix $(BUILD)/$(ENGINE)/fuzz/,$(ONLY)),replays)
	@BUILD=$(BUILD) TIME=$(TIME) ONLY="$(ONLY)" sh fuzz/run.sh $(ENGINE)

# -------------------------------------------------------------------- demo

demo: all
	@BUILD=$(BUILD) sh examples/demo.sh

web:
	@BUILD=$(BUILD) sh examples/web/build.sh

LISTEN ?= 127.0.0.1:8080
serve: all web
	@$(BUILD)/examples/proxy --listen $(LISTEN) --web $(BUILD)/web

# ------------------------------------------------------------------- sizes

# Octets a file of the library, here and on a Cortex-M3.
size: $(STATIC)
	@BUILD=$(BUILD) CC="$(CC)" sh test/size.sh

# ----------------------------------------------------------------- install

# Made anew each time: PREFIX may have changed.
.PHONY: FORCE
$(BUILD)/%.pc: pkgconfig/%.pc.in FORCE
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
	  -e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(LIBS)|' $< > $@

install: lib $(BUILD)/sipws.pc $(BUILD)/sipws-tls.pc
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include/sipws
	install -m 644 include/sipws/*.h $(DESTDIR)$(PREFIX)/include/sipws
	install -m 644 $(STATIC) $(TLS_STATIC) $(DESTDIR)$(LIBDIR)
	install -m 755 $(SHARED) $(TLS_SHARED) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libsipws.so
	ln -sf $(notdir $(TLS_SHARED)) $(DESTDIR)$(LIBDIR)/$(TLS_SONAME)
	ln -sf $(TLS_SONAME) $(DESTDIR)$(LIBDIR)/libsipws-tls.so
	install -m 644 $(BUILD)/sipws.pc $(BUILD)/sipws-tls.pc \
	  $(DESTDIR)$(LIBDIR)/pkgconfig

# What install puts there, given the same variables; a folder only if it is ours.
uninstall:
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,$(notdir $(STATIC) $(TLS_STATIC) \
	  $(SHARED) $(TLS_SHARED)) $(SONAME) libsipws.so $(TLS_SONAME) \
	  libsipws-tls.so pkgconfig/sipws.pc pkgconfig/sipws-tls.pc)
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(wildcard include/sipws/*.h))
	[ ! -d $(DESTDIR)$(PREFIX)/include/sipws ] || \
	  rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PREFIX)/include/sipws

# -------------------------------------------------------------------- rest

deps:
ifndef NO_DEPS
	@sh test/deps.sh $(PACKAGES)
endif

SOURCES := $(wildcard include/sipws/*.h lib/*.[ch] examples/*.[ch] test/*.[ch] \
             test/bench/*.[ch] test/hostile/*.[ch] test/long/*.[ch] test/peer/*.[ch] fuzz/*.[ch])
format:
	@clang-format -i $(SOURCES)
check-format:
	@clang-format --dry-run -Werror $(SOURCES)

clean:
	rm -rf $(BUILD)

help:
	@echo "make demo         two clients register and exchange a message"
	@echo "make              the libraries and the examples, into build/"
	@echo "make check        build everything and run the tests"
	@echo "make serve        proxy and web page until Ctrl-C; LISTEN=127.0.0.1:8080"
	@echo "make web          that page alone, into build/web, for a server of yours"
	@echo "make install      headers and libraries; PREFIX=/usr/local, LIBDIR, DESTDIR"
	@echo "make uninstall    remove what install put there, given the same variables"
	@echo "make deps         install the Debian packages that building and testing need"
	@echo "make clean        remove what was built"
	@echo
	@echo "Tests"
	@echo "make check-units  the C tests alone; JOBS=2 at a time, WRAPPER=valgrind"
	@echo "make check-peers  against Kamailio, Chromium, nginx, haproxy …"
	@echo "make conformance  every RFC 6455 case, up to 16 MiB, both roles, ws and wss"
	@echo "make conformance-faults"
	@echo "                  faults seeded into the library, which those cases must show"
	@echo "make fuzz         the fuzzers, TIME=30 seconds each; ONLY=fuzz_sip, ENGINE=afl,"
	@echo "                  SEED=2 for other inputs to begin with, DRAWN=3000 of them"
	@echo "make soak         5,000 connections, killed and made anew, 20 minutes"
	@echo "make coverage     how much of lib/ the C tests reach"
	@echo "make check-long   what takes longer: fuzzers, soak, mutants, MSan, TSan …"
	@echo "make format       clang-format over all sources; make check-format only asks"
	@echo
	@echo "Measuring"
	@echo "make size         size of each file of the library, here and on a Cortex-M3"
	@echo "make bench        against wslay, libwebsockets, memcpy; PEERS=dir adds others"
	@echo "make bench-page   write test/bench/RESULTS.md from what bench measured"
	@echo "make bench-tls    what TLS costs, against bare mbedTLS"
	@echo "make bench-echo   what a message costs an echo server, PEERS=dir adds others"
	@echo "make bench-many   growth to 15,000 live connections"
	@echo
	@echo "Variables"
	@echo "CC, AR, CFLAGS, CPPFLAGS, LDFLAGS: as everywhere"
	@echo "BUILD=dir         build into dir; one for each set of other variables"
	@echo "NO_DEPS=1         do not look for missing Debian packages"
	@echo "V=1               show the commands"
	@echo "WERROR=-Werror    a warning is an error"
	@echo "HARDEN=           without the flags for hardening"
	@echo "WSLAY=0           the library without wslay"
	@echo "MBEDTLS=dir       with the mbedTLS built there, not that of the system"

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/test/bench/*.d)
