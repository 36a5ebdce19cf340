# make              build/tocsin
# make demo         the main job against the sandbox, in this terminal   (demo-once: unattended;
#                   with TRANSCRIPT=README.md it renews the transcript there)
# make test         every test; installs what is missing   (STAGES="unit e2e": only those)
# make bench        the figures of docs/PERFORMANCE.md
# make bench-findings   what the detector finds, on series that others and we have labelled
# make bench-checker    how many altered figures of an answer are caught, how many true ones marked
# make coverage     which lines of the parsers the unit tests and the fuzzers' kept inputs reach; fails below 90 %
# make lint         gcc -fanalyzer, clang-tidy and cppcheck over the program
# make clean
MODE  ?= release
BUILD ?= build
ifeq ($(MODE),release)
OUT := $(BUILD)
else
OUT := $(BUILD)/$(MODE)
endif
ifeq ($(origin CC),default)
CC := gcc
endif

PKGS := libwebsockets libcurl openssl sqlite3 yaml-0.1 expat cairo
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wcast-qual -Werror
VERSION := $(shell cat VERSION)
# ALL_* are ours; CFLAGS, CPPFLAGS and LDFLAGS stay free for the caller. The libraries' headers are
# -isystem: their warnings are not ours to mend.
ALL_CFLAGS := -std=c17 -g -pthread $(WARN) -I. -D_GNU_SOURCE -DTOCSIN_VERSION='"$(VERSION)"' -include bot/banned.h \
              $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) 2>/dev/null))
ALL_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lhttp_parser -lm -pthread
COMPILE     = $(CC) $(ALL_CFLAGS) $(CFLAGS_$(MODE)) $(CPPFLAGS) $(CFLAGS)
LINK        = $(COMPILE) $^ $(LDFLAGS_$(MODE)) $(LDFLAGS) $(ALL_LIBS) -o $@

SAN              := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_release   := -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
LDFLAGS_release  := -pie -Wl,-z,relro,-z,now
# gold: a hundred and thirty unit programs are linked with the whole program each, in a third of the time.
CFLAGS_asan      := -O1 $(SAN) -DTOCSIN_CRASH_POINTS
LDFLAGS_asan     := -fuse-ld=gold
CFLAGS_crash     := -O1 -DTOCSIN_CRASH_POINTS
LDFLAGS_crash    := -fuse-ld=gold
CFLAGS_coverage  := -O0 --coverage
LDFLAGS_coverage := -fuse-ld=gold -Wl,--strip-debug
CFLAGS_lint      := -O0 -fanalyzer
CFLAGS_fuzz      := -O1 $(SAN) -fsanitize=fuzzer-no-link -Wno-format-nonliteral
LDFLAGS_fuzz     := -fsanitize=fuzzer

SRC  := $(wildcard bot/*.c commands/*.c adapters/*/*.c)
OBJ  := $(patsubst %.c,$(OUT)/%.o,$(filter-out bot/main.c,$(SRC)))
UNIT := $(patsubst %.c,$(OUT)/%,$(wildcard tests/unit/test_*.c))
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

all: $(OUT)/tocsin

ALLOWED_asan := $(OUT)/tests/leaks.o
$(OUT)/tocsin: $(OUT)/bot/main.o $(OBJ) $(ALLOWED_$(MODE))
	$(LINK)

# Unit tests link the whole program except main; tests/unit/support holds what they share.
UNIT_SUPPORT := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/unit/support/*.c))
$(OUT)/tests/unit/test_%: $(OUT)/tests/unit/test_%.o $(UNIT_SUPPORT) $(OBJ) $(ALLOWED_$(MODE))
	$(COMPILE) $^ $(LDFLAGS_$(MODE)) $(LDFLAGS) $(ALL_LIBS) $(ORACLE) -lcmocka -o $@
# Statistics are compared with the GNU Scientific Library's. It is GPL: no part of the program may need it.
$(OUT)/tests/unit/test_statistics $(OUT)/tests/unit/test_findings_statistics: ORACLE := -lgsl -lgslcblas

$(OUT)/tests/bench/findings_cost: $(OUT)/tests/bench/findings_cost.o $(OUT)/tests/unit/support/made_series.o $(OBJ)
	$(LINK)

# Driven by tests/unit_py/test_noise.py.
$(OUT)/tests/bench/noise: $(OUT)/tests/bench/noise.o $(OBJ) $(ALLOWED_$(MODE))
	$(LINK)

$(OUT)/tests/bench/checker $(OUT)/tests/bench/checker_briefing: %: %.o $(OUT)/tests/bench/checker_lines.o $(OBJ)
	$(LINK)

# The chart's part of make bench draws the unit tests' examples.
$(OUT)/tests/bench/chart: $(OUT)/tests/bench/chart.o $(OUT)/tests/unit/support/chart_cases.o $(OBJ)
	$(COMPILE) $^ $(LDFLAGS_$(MODE)) $(LDFLAGS) $(ALL_LIBS) -lcmocka -o $@

# Preloaded into tocsin by tests/e2e/test_local_faults.py, so without sanitizers.
$(OUT)/tests/faults.so: tests/faults.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -g -O1 -D_GNU_SOURCE $(WARN) -fPIC -shared $< -o $@

# For coverage the targets are built by the program's compiler and read their kept inputs only.
FUZZ_MAIN_coverage := $(OUT)/tests/fuzz/replay.o
$(OUT)/tests/fuzz/fuzz_%: $(OUT)/tests/fuzz/fuzz_%.o $(OBJ) $(FUZZ_MAIN_$(MODE))
	$(LINK)

$(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c $< -o $@

# The scripts and the model's instructions are linked in as they are.
$(OUT)/commands/runbook_built_in.o: $(wildcard commands/runbooks/*)
$(OUT)/commands/ask_prompt.o $(OUT)/commands/summary_words_prompt.o: $(wildcard prompts/*)

# Touched only when the flags differ: no stale objects.
$(OUT)/flags: FORCE
	@mkdir -p $(@D); echo '$(COMPILE)' | cmp -s - $@ || echo '$(COMPILE)' > $@

# The targets below install what is missing first; make itself must then start anew, because the
# flags above were asked for before.
demo demo-once:
	@tests/need.sh demo
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) all
	@/usr/bin/python3 -m tests.sandbox.demo --bot $(BUILD)/tocsin $(if $(filter demo-once,$@),--once) \
		$(if $(TRANSCRIPT),--transcript $(TRANSCRIPT))

test:
	@tests/need.sh test
	@cd tests && npm ci --silent --no-audit --no-fund
	@/usr/bin/python3 tests/run.py $(STAGES)

bench:
	@tests/need.sh test
	@cd tests && npm ci --silent --no-audit --no-fund
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) all $(OUT)/tests/bench/chart \
		$(OUT)/tests/bench/findings_cost
	@/usr/bin/python3 tests/bench/bench.py --tocsin $(BUILD)/tocsin

bench-findings:
	@tests/need.sh build
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) all
	@/usr/bin/python3 tests/bench/findings.py --tocsin $(BUILD)/tocsin

bench-checker:
	@tests/need.sh build
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) $(OUT)/tests/bench/checker $(OUT)/tests/bench/checker_briefing
	@/usr/bin/python3 tests/bench/checker.py --checker $(OUT)/tests/bench/checker \
		--briefing $(OUT)/tests/bench/checker_briefing

coverage:
	@tests/need.sh test
	@$(MAKE) --no-print-directory -s -j2 BUILD=$(BUILD) MODE=coverage coverage-programs
	@BUILD=$(BUILD) /usr/bin/python3 tests/coverage.py
coverage-programs: $(UNIT) $(FUZZ:%=$(OUT)/tests/fuzz/fuzz_%)

lint:
	@tests/need.sh lint
	@$(MAKE) --no-print-directory -s -k -j2 BUILD=$(BUILD) MODE=lint linted
linted: $(SRC:%.c=$(OUT)/%.o) $(SRC:%.c=$(OUT)/%.tidy) $(OUT)/cppcheck
# What it looks at, and why not at the rest: .clang-tidy. Whatever compiles anew is looked at anew.
$(OUT)/%.tidy: $(OUT)/%.o .clang-tidy
	clang-tidy-14 --quiet $*.c -- $(filter-out -Werror,$(ALL_CFLAGS)) 2>$@.log || { cat $@.log; exit 1; }
	@touch $@
$(OUT)/cppcheck: $(SRC:%.c=$(OUT)/%.o) tests/cppcheck.supp
	@mkdir -p $@.d
	cppcheck --quiet -j2 --cppcheck-build-dir=$@.d --std=c11 --enable=warning,portability,performance --inline-suppr \
		--suppressions-list=tests/cppcheck.supp --error-exitcode=1 -I. -D_GNU_SOURCE -DTOCSIN_VERSION='"$(VERSION)"' $(SRC)
	@touch $@

clean:
	rm -rf $(BUILD)

FORCE:
.PHONY: all bench bench-checker bench-findings clean coverage coverage-programs demo demo-once lint linted test FORCE
.SECONDARY:
-include $(patsubst %.c,$(OUT)/%.d,$(SRC) $(wildcard tests/unit/*.c tests/unit/support/*.c tests/fuzz/*.c tests/bench/chart.c \
         tests/bench/findings_cost.c tests/bench/checker.c tests/bench/checker_briefing.c tests/bench/checker_lines.c tests/bench/noise.c))
