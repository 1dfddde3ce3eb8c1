//! How many calls of one connection are on their way.

use std::sync::OnceLock;

use virt::connect::Connect;

/// How many at the most. libvirt's daemon reads nothing more of a client that has five calls with it
/// (`max_client_requests`), keepalives included, and warns of it in its log.
const MOST_AT_ONCE: usize = 4;
/// The first libvirt, as it counts its releases, whose client may be called by two threads at once: where the
/// connection breaks then, an older one uses a stack that is gone and ends the program (CVE-2024-4418).
const THREADED: u32 = 10_004_000;

/// How many calls of one connection may be on their way, which depends on the libvirt of this machine.
pub(crate) fn at_once() -> usize {
    static AT_ONCE: OnceLock<usize> = OnceLock::new();
    *AT_ONCE.get_or_init(|| match Connect::version() {
        Ok(version) if version >= THREADED => MOST_AT_ONCE,
        _ => 1,
    })
}
