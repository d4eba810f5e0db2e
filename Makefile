# The front door. `make` builds, `make demo` shows, `make test` checks; both install what is missing first.
BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=

.PHONY: all setup demo test bench install format clean

all: $(BUILD)/build.ninja
	@cmake --build $(BUILD) -j $(JOBS)

$(BUILD)/build.ninja: CMakeLists.txt $(wildcard cmake/*) tests/CMakeLists.txt | setup
	@cmake -G Ninja -S . -B $(BUILD) -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(CMAKE_FLAGS)

# Installs only what dpkg does not already have, so that a second run needs no network.
setup:
	@./setup.sh

demo: all
	@./demo.sh $(BUILD)/brainbert

test: all
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

bench: all
	@$(BUILD)/brainbert bench

install: all
	@cmake --install $(BUILD) --prefix $(PREFIX)

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf build build-* demo
