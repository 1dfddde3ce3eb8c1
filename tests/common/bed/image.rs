//! The guest's image.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The image that `VA_GUEST_IMAGE` names, made if it is not there; without it, one in cargo's
/// directory for tests.
pub(crate) fn path() -> &'static PathBuf {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let named = std::env::var_os("VA_GUEST_IMAGE").map(PathBuf::from);
        if let Some(path) = named.as_ref().filter(|path| path.exists()) {
            return path.clone();
        }
        let path =
            named.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guest.qcow2"));
        // Cheap the second time: the script keeps what it made.
        let built = Command::new(crate::common::tests_dir().join("bed/guest/build"))
            .arg(&path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "tests/bed/guest/build: {said}");
        path
    })
}

/// The guest with cloud-init, a Salt minion and sshd, for tests that `make test-debian` runs, which makes it.
pub(crate) fn debian() -> PathBuf {
    let named = std::env::var_os("VA_SALT_GUEST_IMAGE");
    named.expect("VA_SALT_GUEST_IMAGE names no image").into()
}
