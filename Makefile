# SPDX-License-Identifier: GPL-2.0
# DAMON for perf. `make help` lists the targets.

# --- Variables for users ---
JOBS   ?= $(shell nproc)
PREFIX ?= /usr/local
DESTDIR ?=
KSRC   ?=
CMD    ?=
A      :=
B      :=
QUICK  :=
STOCK  :=
RUNS   ?=
SEED   :=

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

SOURCE := /usr/src/linux-source-6.12.tar.xz
STAGE  := scripts/stage
LOGS   := build/logs
STOCK_SELFTESTS := build/stock-selftests/.unpacked

# A second build of the same source, here or in another clone, is served by ccache: compilers see no date, no user
# and no absolute path below this folder. (Don't set CCACHE_DEPEND: then ccache does not see what .incbin includes,
# and may pack another kernel into a bzImage.)
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export KBUILD_BUILD_TIMESTAMP := Thu Jan  1 00:00:00 UTC 2026
export KBUILD_BUILD_USER := damon
export KBUILD_BUILD_HOST := perf
export KBUILD_BUILD_VERSION := 1
SUBMAKE := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -j$(JOBS) CC="ccache gcc" HOSTCC="ccache gcc"

# Build perf without parts that perf damon does not use and that take long to build.
PERF_FLAGS := NO_LIBPERL=1 NO_LIBBPF=1 BUILD_BPF_SKEL=0 NO_JEVENTS=1 NO_LIBBABELTRACE=1 \
	NO_LIBPFM4=1 NO_LIBUNWIND=1 NO_LIBDEBUGINFOD=1 NO_LIBLLVM=1 NO_LIBCRYPTO=1 NO_LIBCAP=1 NO_LIBNUMA=1 \
	NO_SDT=1 NO_JVMTI=1 NO_SHELLCHECK=1
# perf script runs Python, and finds its scripts below $(PREFIX).
PERF_FLAGS += PYTHON=/usr/bin/python3 PYTHON_CONFIG=/usr/bin/python3-config prefix=$(PREFIX)

# Folders are listed, too, as their time changes when a file is removed.
KERNEL_FILES := $(shell find kernel/ include/ 2>/dev/null)
PERF_FILES   := $(shell find tools-perf/ 2>/dev/null)
OTHER_FILES  := $(shell find Documentation/ tests/selftests/ 2>/dev/null)
OVERLAY      := scripts/overlay scripts/overlay.lines

# Kernels without our monitor: Debian's images, and a 6.1 with DAMON, which Debian's image of 6.1 lacks.
DISTRO_KERNELS := $(addsuffix /.unpacked,$(addprefix build/distro/linux-image-,amd64 6.12-amd64)) \
	build/distro/6.1/bzImage
# Servers that make truth runs, from packages that are unpacked but not installed, as they would begin to serve.
TRUTH_PACKAGES := $(addprefix build/truth/,$(addsuffix /.unpacked,memcached postgresql))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'Variables: JOBS=$(JOBS) PREFIX=$(PREFIX) DESTDIR= KSRC= CMD= A= B= QUICK= STOCK= RUNS= SEED= SEEDS='

demo: kernel perf workloads ## record and report redis and a generator in the guest; results in out/
	@scripts/demo

test: kernel perf build/stock/perf perf-without workloads build/sim/sim build/truth/plugin.so build/truth/tlb.so $(STOCK_SELFTESTS) ## host tests, then KUnit, kselftest and perf tests in the guest
	@tests/run

test-debug: build/debug/bzImage perf build/stock/perf perf-without workloads build/sim/sim build/truth/plugin.so build/truth/tlb.so $(STOCK_SELFTESTS) build/schemes/torture ## the same in a kernel with KASAN, lockdep, kmemleak, UBSAN ...
	@tests/run --debug

test-native: build/native/bzImage build/.overlaid ## KUnit and the selftests in a kernel without PARAVIRT, where page tables are freed in another way
	@tests/run --native

coverage: build/coverage/linux/linux ## lines of the monitor that its KUnit tests run, counted in User-Mode Linux
	@scripts/coverage

test-arch: build/arch/.overlaid build/.deps-arch ## the monitor compiled for other architectures and configurations; SEED= of random ones
	@tests/arch/run $(SEED)

test-patches: | build/.source ## perf after each patch of make patch: it builds, and passes its tests
	@tests/patches $(SUBMAKE) $(PERF_FLAGS)

test-stock: kernel stock-kernel ## the selftests on the monitor that Linux has: what fails there differs
	@tests/run --stock

# The kernel that two of the tests are for: ours, or with STOCK=1 the one with Linux's own monitor
TESTED = $(if $(STOCK),stock-kernel,kernel)

stock-selftests: $(TESTED) $(STOCK_SELFTESTS) ## the selftests that Linux 6.12 has, on our monitor; STOCK=1: on its own
	@tests/run --stock-selftests $(if $(STOCK),--stock)

test-schemes: $(TESTED) build/schemes/torture ## random schemes on processes that verify all of their memory; RUNS=10000 SEED= STOCK=1
	@tests/schemes/run $(if $(STOCK),--stock) $(or $(RUNS),10000) $(SEED)

test-distro: perf workloads stock-kernel $(DISTRO_KERNELS) ## the tests that record on kernels that are not ours: stock, Debian's 6.1 and 6.12
	@tests/distro

bench: $(if $(A),,kernel) $(if $(B),,stock-kernel) workloads ## accuracy and cost, kernels A and B side by side; A= B= QUICK=1
	@tests/bench/run $(if $(A),--a '$(A)') $(if $(B),--b '$(B)') $(if $(QUICK),--quick)

truth: $(if $(A),,kernel) $(if $(B),,stock-kernel) build/truth/plugin.so build/truth/inputs/.made $(TRUTH_PACKAGES) ## real programs, every access seen by the emulator, and what kernels A and B say of them; A= B= QUICK=1 SEEDS=3
	@tests/truth/run $(if $(A),--a '$(A)') $(if $(B),--b '$(B)') $(if $(QUICK),--quick) $(if $(SEEDS),--seeds $(SEEDS))

eval: $(if $(A),,kernel) $(if $(B),,stock-kernel) build/truth/plugin.so build/truth/inputs/.made $(TRUTH_PACKAGES) ## what programs gain and pay under monitors and schemes, kernels A and B side by side; A= B= QUICK=1
	@tests/eval/run $(if $(A),--a '$(A)') $(if $(B),--b '$(B)') $(if $(QUICK),--quick)

sim: build/sim/sim ## the core of the monitor over simulated memory: accuracy in a minute; B=table.csv of a bench beside it
	@tests/sim/run $(if $(B),--beside '$(B)')

bench-report: perf build/stock/perf build/perf-damon.1 build/bench/lengthen ## time and memory of reports on long records; QUICK=1 B=another perf
	@tests/bench/report $(if $(QUICK),--quick) $(if $(B),--b '$(B)')

fuzz: build/fuzz/snapshots build/fuzz/files ## feed nonsense to the code that reads records; RUNS=1000000
	@tests/fuzz/run snapshots $(or $(RUNS),1000000)
	@tests/fuzz/run files $(or $(RUNS),1000000)

test-asan: build/asan/perf/perf kernel workloads ## tests of perf damon, with perf built with ASan and UBSan
	@tests/asan

kernel: build/bzImage ## the kernel with our monitor, build/bzImage

perf: build/perf ## perf with the damon command, build/perf

stock-kernel: build/stock/bzImage ## same source, same configuration, its own DAMON: build/stock/bzImage

overlay: ## KSRC=/path/to/linux: lay ours over a kernel tree
	@scripts/overlay "$(KSRC)"

patch: build/.source ## the same as a patch series, in out/patches
	@scripts/patch

vm: kernel perf workloads ## a shell in the guest; CMD='...' runs one command in it
	@tests/vm/run $(if $(CMD),-- bash -c '$(subst ','\'',$(CMD))')

check: kernel perf ## checkpatch --strict, sparse, shellcheck, codespell, Sphinx
	@scripts/check

SCRIPTS := libexec/perf-core/scripts/python
COMPLETIONS := share/bash-completion/completions
install: perf build/perf-damon.1 ## perf, perf-damon for a distribution's perf, man page; PREFIX= DESTDIR=
	@install -D -m 755 build/perf "$(DESTDIR)$(PREFIX)/bin/perf"
	@ln -sf perf "$(DESTDIR)$(PREFIX)/bin/perf-damon"
	@for script in tools-perf/scripts/python/*.py; do install -D -m 644 -t "$(DESTDIR)$(PREFIX)/$(SCRIPTS)" $$script; done
	@for script in tools-perf/scripts/python/bin/*; do install -D -m 755 -t "$(DESTDIR)$(PREFIX)/$(SCRIPTS)/bin" $$script; done
	@install -D -m 644 build/perf-damon.1 "$(DESTDIR)$(PREFIX)/share/man/man1/perf-damon.1"
	@install -D -m 644 build/linux/tools/perf/perf-completion.sh "$(DESTDIR)$(PREFIX)/$(COMPLETIONS)/perf"
	@echo 'In $(DESTDIR)$(PREFIX): bin/perf, bin/perf-damon, $(SCRIPTS), share/man/man1/perf-damon.1, $(COMPLETIONS)/perf'

deps: ## the Debian packages of scripts/packages.txt
	@$(STAGE) 'Debian packages' $(LOGS)/deps.log -- scripts/deps
	@mkdir -p build && touch build/.deps

clean: ## remove build/ and out/
	rm -rf build out

build/.deps: scripts/packages.txt scripts/deps
	@$(MAKE) deps

build/.source: | build/.deps
	@$(STAGE) 'Linux source, unpacked' $(LOGS)/source.log -- sh -c '\
		rm -rf build/src build/src.new && mkdir -p build/src.new && \
		tar -xf $(SOURCE) -C build/src.new --strip-components=1 && \
		mv build/src.new build/src'
	@touch $@

# $(call tree,DIR): a source tree in DIR that shares unchanged files with build/src
tree = @rm -rf $(1)linux && mkdir -p $(1) && cp -al build/src $(1)linux && touch $@

build/.tree build/stock/.tree build/debug/.tree build/native/.tree build/coverage/.tree build/arch/.tree: | build/.source
	$(call tree,$(@D)/)

build/.overlaid build/debug/.overlaid build/native/.overlaid build/coverage/.overlaid build/arch/.overlaid: %/.overlaid: $(KERNEL_FILES) $(PERF_FILES) $(OTHER_FILES) $(OVERLAY) | %/.tree
	@$(STAGE) 'Ours laid over $*/linux' $(LOGS)/overlay.log -- scripts/overlay $*/linux
	@touch $@

# $(call bzimage,DIR,FRAGMENTS,NAME): configure and build DIR/linux
define bzimage
	@$(STAGE) '$(3)' $(LOGS)/$(3).log -- sh -c \
		'scripts/configure $(1)/linux $(2) && $(SUBMAKE) -C $(1)/linux bzImage'
	@install $(1)/linux/arch/x86/boot/bzImage $(1)/bzImage
endef

CONFIG := tests/vm/kernel.config scripts/configure

build/bzImage: $(KERNEL_FILES) $(CONFIG) | build/.overlaid
	$(call bzimage,$(@D),tests/vm/kernel.config,kernel)

build/stock/bzImage: $(CONFIG) | build/stock/.tree
	$(call bzimage,$(@D),tests/vm/kernel.config,stock-kernel)

build/debug/bzImage: $(KERNEL_FILES) $(CONFIG) tests/vm/debug.config | build/debug/.overlaid
	$(call bzimage,$(@D),tests/vm/kernel.config tests/vm/debug.config,debug-kernel)

build/native/bzImage: $(KERNEL_FILES) $(CONFIG) tests/vm/native.config | build/native/.overlaid
	$(call bzimage,$(@D),tests/vm/kernel.config tests/vm/native.config,native-kernel)

# Fetched by apt, but not installed.
build/distro/linux-%/.unpacked: scripts/distro-package | build/.deps
	@$(STAGE) 'linux-$*' $(LOGS)/distro.log -- scripts/distro-package linux-$* $(@D)

build/distro/6.1/.tree: build/distro/linux-source-6.1/.unpacked
	@mkdir -p $(@D)/linux
	@$(STAGE) 'Linux 6.1 source, unpacked' $(LOGS)/distro.log -- tar -xf $(<D)/usr/src/linux-source-6.1.tar.xz \
		-C $(@D)/linux --strip-components=1
	@touch $@

build/distro/6.1/bzImage: $(CONFIG) tests/vm/linux-6.1.config | build/distro/6.1/.tree
	$(call bzimage,$(@D),tests/vm/kernel.config tests/vm/linux-6.1.config,kernel-6.1)

build/coverage/linux/linux: $(KERNEL_FILES) tests/coverage.config scripts/configure scripts/coverage-kernel | build/coverage/.overlaid
	@$(STAGE) 'User-Mode Linux' $(LOGS)/coverage-kernel.log -- scripts/coverage-kernel $(@D) $(SUBMAKE)
	@touch $@

# perf searches its prefix for scripts: rebuild it if PREFIX changes.
build/.prefix: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' >$@

build/perf: $(PERF_FILES) $(OVERLAY) build/.prefix | build/.overlaid
	@$(STAGE) 'perf' $(LOGS)/perf.log -- $(SUBMAKE) -C build/linux/tools/perf perf $(PERF_FLAGS)
	@install build/linux/tools/perf/perf $@

# perf as it is without ours, for comparison
build/stock/perf: | build/stock/.tree
	@$(STAGE) 'stock perf' $(LOGS)/stock-perf.log -- $(SUBMAKE) -C build/stock/linux/tools/perf perf $(PERF_FLAGS)
	@install build/stock/linux/tools/perf/perf $@

build/perf-damon.1: build/perf
	@cd build/linux/tools/perf/Documentation && asciidoctor -I. -rasciidoctor-extensions -b manpage -d manpage \
		-a manmanual='perf Manual' -a mansource=perf -o $(CURDIR)/$@ perf-damon.txt

# Access generators are static, so that the guest needs none of the host's libraries.
WORKLOADS := $(patsubst tests/%.c,build/%,$(wildcard tests/workloads/*.c))
workloads: $(WORKLOADS)

build/workloads/%: tests/workloads/%.c $(wildcard tests/workloads/*.h) | build/.deps
	@mkdir -p $(@D)
	@ccache gcc -O2 -g -Wall -Wextra -Werror -static -o $@ $<

build/schemes/torture: $(wildcard tests/schemes/*.[ch]) | build/.deps
	@mkdir -p $(@D)
	@ccache gcc -O2 -g -Wall -Wextra -Werror -static -o $@ $(filter %.c,$^)

# Selftests that Linux 6.12 has for its own monitor; in kernel trees ours replace them. The programs are compiled without
# -O, as theirs are. One test starts stat a thousand times, which takes minutes with the host's on an emulated CPU, as
# that is a dynamic program.
$(SOURCE): | build/.deps ;

$(STOCK_SELFTESTS): $(SOURCE)
	@$(STAGE) 'stock selftests, unpacked' $(LOGS)/stock-selftests-source.log -- sh -c '\
		rm -rf $(@D) && mkdir -p $(@D)/bin && ln -s /bin/busybox $(@D)/bin/stat && \
		tar -xf $(SOURCE) -C $(@D) --strip-components=5 linux-source-6.12/tools/testing/selftests/damon && \
		gcc -static -o $(@D)/access_memory $(@D)/access_memory.c && \
		gcc -static -o $(@D)/access_memory_even $(@D)/access_memory_even.c'
	@touch $@

# perf with ASan and UBSan, and with the instrumentation that a fuzzer needs.
CLANG    := clang
SANITIZE := -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined

build/.deps-fuzz build/.deps-arch build/.deps-truth: build/.deps-%: scripts/packages-%.txt scripts/deps | build/.deps
	@$(STAGE) 'Debian packages for $*' $(LOGS)/deps-$*.log -- scripts/deps scripts/packages-$*.txt
	@touch $@

ASAN := build/asan/perf
$(ASAN)/perf: $(PERF_FILES) $(OVERLAY) | build/.overlaid build/.deps-fuzz
	@mkdir -p $(@D)
	@$(STAGE) 'perf with sanitizers' $(LOGS)/asan-perf.log -- \
		$(subst CC="ccache gcc" HOSTCC,CC="ccache $(CLANG)" HOSTCC,$(SUBMAKE)) -C build/linux/tools/perf \
		O=$(CURDIR)/$(ASAN) $(PERF_FLAGS) WERROR=0 EXTRA_CFLAGS="$(SANITIZE),fuzzer-no-link"

# perf without the library that perf damon needs, and perf without all libraries that it does not need.
WITHOUT_libtraceevent := NO_LIBTRACEEVENT=1
WITHOUT_options := NO_LIBZSTD=1 NO_ZLIB=1 NO_LZMA=1 NO_LIBELF=1 NO_SLANG=1 NO_LIBPYTHON=1
perf-without: build/without/libtraceevent/perf build/without/options/perf

build/without/%/perf: $(PERF_FILES) $(OVERLAY) | build/.overlaid
	@mkdir -p $(@D)
	@$(STAGE) 'perf without $*' $(LOGS)/perf-without-$*.log -- \
		$(SUBMAKE) -C build/linux/tools/perf O=$(CURDIR)/$(@D) $(PERF_FLAGS) $(WITHOUT_$*)

# The parts that do not need the rest of perf are fuzzed separately, which is fast.
FUZZED := $(addprefix perf/util/,$(addsuffix .c,intlist rblist string time-utils $(addprefix damon/,units $(addprefix model/,areas \
	event heatmap series selection snapshot)))) $(addprefix lib/,ctype.c hweight.c rbtree.c string.c vsprintf.c zalloc.c)
FUZZ_FLAGS := $(SANITIZE) -fno-sanitize-recover=all -std=gnu11 -D_GNU_SOURCE -DHAVE_LIBTRACEEVENT \
	$(addprefix -Ibuild/linux/tools/,perf perf/util perf/include include arch/x86/include \
	arch/x86/include/uapi include/uapi lib lib/perf/include)

build/fuzz/snapshots: tests/fuzz/snapshots.c tests/fuzz/outside.c $(PERF_FILES) | build/.overlaid build/.deps-fuzz
	@mkdir -p $(@D)
	@$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $(filter tests/%.c,$^) $(addprefix build/linux/tools/,$(FUZZED))

# All of perf, with the fuzzer's main().
PERF_LIBS := $(addprefix $(ASAN)/,libapi/libapi.a libperf/libperf.a libsubcmd/libsubcmd.a libsymbol/libsymbol.a \
	libperf-bench.a libperf-test.a libperf-ui.a libperf-util.a libpmu-events.a)
PERF_NEEDS = -lpthread -lrt -lm -ldl -lelf -ldw -lslang -lz -llzma -lzstd -ltraceevent \
	$(shell /usr/bin/python3-config --embed --libs)

build/fuzz/files: tests/fuzz/files.c $(ASAN)/perf
	@mkdir -p $(@D)
	@objcopy --redefine-sym main=perf_main $(ASAN)/perf-in.o $@-perf.o
	@$(CLANG) $(subst -fno-sanitize-recover=all,,$(FUZZ_FLAGS)) -fsanitize=fuzzer -o $@ $< $@-perf.o \
		-Wl,--whole-archive $(PERF_LIBS) -Wl,--no-whole-archive $(PERF_NEEDS)

# The core of the monitor as a user-space program: tests/sim/kernel.h replaces some headers of the kernel. Its code is
# instrumented to count the basic blocks that run.
SIM_CORE    := adapt context evidence filter flush hints priority quota region sampling scan scheme va-sample watermark
SIM_SHIM    := kunit/visibility linux/completion linux/jump_label linux/kthread linux/ktime linux/math64 linux/memcontrol linux/minmax linux/mm linux/nodemask \
	linux/pgtable linux/pid linux/prandom linux/psi linux/random linux/sched linux/sizes linux/slab linux/sort linux/vmalloc linux/vmstat \
	trace/events/damon
SIM_HEADERS := $(wildcard kernel/*.h tests/sim/*.h) include/linux/damon.h
SIM_FLAGS   := -O2 -g -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-type-limits -Wno-missing-field-initializers \
	-Ibuild/sim/include -Itests/sim -Iinclude -Ikernel -Ibuild/src/tools/include \
	-include tests/sim/kernel.h

build/sim/include: Makefile | build/.source
	@mkdir -p $@/kunit $@/linux $@/trace/events
	@for header in $(SIM_SHIM); do : >$@/$$header.h; done
	@touch $@

build/sim/%.o: kernel/%.c $(SIM_HEADERS) build/sim/include
	@ccache gcc $(SIM_FLAGS) -fsanitize-coverage=trace-pc -c -o $@ $<

build/sim/sim: $(wildcard tests/sim/*.c) $(SIM_CORE:%=build/sim/%.o) $(SIM_HEADERS)
	@gcc $(SIM_FLAGS) -o $@ $(filter %.c %.o,$^)

# A plugin of QEMU, and what the programs read that it watches. layout.c is compiled with the guest's kernel.
TRUTH := $(filter-out tests/truth/layout.c,$(wildcard tests/truth/*.c))
build/truth/plugin.so: $(TRUTH) $(wildcard tests/truth/*.h) | build/.deps
	@mkdir -p $(@D)
	@ccache gcc -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -shared -fPIC -fvisibility=hidden -o $@ $(TRUTH)

# The model of a TLB, for its test
build/truth/tlb.so: tests/truth/tlb.c tests/truth/memory.c $(wildcard tests/truth/*.h) | build/.deps
	@mkdir -p $(@D)
	@ccache gcc -O2 -g -Wall -Wextra -Werror -shared -fPIC -o $@ $(filter %.c,$^)

build/truth/memcached/.unpacked: PACKAGES := memcached
build/truth/postgresql/.unpacked: PACKAGES := postgresql-15
$(TRUTH_PACKAGES): build/truth/%/.unpacked: scripts/distro-package | build/.deps-truth
	@$(STAGE) '$*' $(LOGS)/$*.log -- scripts/distro-package $(PACKAGES) $(@D)

build/truth/inputs/.made: tests/truth/inputs $(addprefix tests/truth/,genome.py flight.py) | $(if $(A),,kernel) build/.source build/truth/postgresql/.unpacked build/.deps-truth
	@$(STAGE) 'inputs of programs' $(LOGS)/inputs.log -- tests/truth/inputs $(@D) build/src $(or $(dir $(A)),build/)linux
	@touch $@

# Long records, for the benchmark of reports.
build/bench/%: tests/bench/%.c tests/workloads/numbers.h | build/.deps
	@mkdir -p $(@D)
	@ccache gcc -O2 -g -Wall -Wextra -Werror -o $@ $<

.PHONY: FORCE help demo eval sim test test-arch test-asan test-debug test-distro test-native test-patches test-schemes test-stock stock-selftests truth coverage bench bench-report fuzz kernel perf perf-without stock-kernel overlay patch vm check install deps clean workloads
