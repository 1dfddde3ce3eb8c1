//! libvirt's event loop, which sends and awaits the keepalive messages of every connection.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use virt::event;

/// Starts the loop on a thread of its own, once in a process. It must run before a connection opens.
pub(super) fn start() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        if let Err(error) = event::event_register_default_impl() {
            tracing::debug!("no libvirt event loop: {error}");
            return;
        }
        let spawned = thread::Builder::new()
            .name("libvirt-events".to_owned())
            .spawn(|| {
                loop {
                    if let Err(error) = event::event_run_default_impl() {
                        tracing::debug!("libvirt's event loop failed: {error}");
                        thread::sleep(Duration::from_millis(100));
                    }
                }
            });
        if let Err(error) = spawned {
            tracing::debug!("no thread for libvirt's event loop: {error}");
        }
    });
}
