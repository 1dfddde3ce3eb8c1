//! The checks, a function each.

use std::path::Path;
use std::sync::Arc;

use rustix::fs::{Access, access};
use serde_json::json;

use super::Check;
use crate::cli::call::Call;
use crate::cli::settings::Settings;
use crate::driver::Silent;
use crate::drivers::base;
use crate::drivers::libvirt::loader;
use crate::transaction::Journal;

/// Whether libvirt's client library can be loaded.
pub(super) fn libvirt_library(_: &Settings) -> Check {
    let name = "libvirt library";
    match loader::available() {
        Ok(version) => Check::ok(name, format!("libvirt {version}")),
        Err(error) => Check::missing(
            name,
            error.message(),
            "apt install libvirt0, or dnf install libvirt-libs",
        ),
    }
}

/// Whether QEMU on this machine can be reached.
pub(super) fn qemu(settings: &Settings) -> Check {
    let name = "qemu:///system";
    let provider = json!({"driver_name": "libvirt", "provider_name": "doctor", "uri": name});
    let call = Call::new("provider.status", json!({"provider": provider}));
    let service = settings.service();
    match service.dispatch(call.method, call.params, Arc::new(Silent)) {
        Ok(status) => Check::ok(name, status["message"].as_str().unwrap_or("it answers")),
        Err(error) => Check::warning(
            name,
            error.message(),
            "only needed to create servers on this very machine: apt install \
             libvirt-daemon-system qemu-system, and adduser <you> libvirt",
        ),
    }
}

/// Whether Salt's salt-cloud is here.
pub(super) fn salt_cloud(_: &Settings) -> Check {
    let name = "salt-cloud";
    match base::program() {
        Ok(path) => Check::ok(name, path.display().to_string()),
        Err(_) => Check::warning(
            name,
            "it is not on the PATH",
            "needed for clouds that Salt itself supports, and to use this program from Salt: apt \
             install salt-cloud, from Salt's own repository",
        ),
    }
}

/// Whether minion keys can be accepted here.
pub(super) fn pki_dir(settings: &Settings) -> Check {
    let name = "master's keys";
    let dir = settings.salt_config_dir.join("pki/master/minions");
    let shown = dir.display().to_string();
    if !dir.exists() {
        return Check::warning(
            name,
            format!("{shown} is not there"),
            "needed to accept the keys of new servers' minions: run this on the Salt master, as \
             root or as the master's user",
        );
    }
    if access(&dir, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Check::warning(
            name,
            format!("{shown} may not be written to"),
            "run this as root or as the master's user",
        );
    }
    Check::ok(name, shown)
}

/// Whether creations can keep their journals.
pub(super) fn state_dir(settings: &Settings) -> Check {
    let name = "state directory";
    let dir = &settings.state_dir;
    if writable(&dir.join(Journal::FOLDER)) {
        return Check::ok(name, dir.display().to_string());
    }
    Check::missing(
        name,
        format!("{} may not be written to", dir.display()),
        "say another one in VA_DRIVER_STATE_DIR, or run this as root",
    )
}

/// Whether `dir` can be written to, or made where it is not there yet.
fn writable(dir: &Path) -> bool {
    dir.ancestors()
        .find(|dir| dir.exists())
        .is_some_and(|dir| dir.is_dir() && access(dir, Access::WRITE_OK | Access::EXEC_OK).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_can_be_made_is_writable_and_one_below_a_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        assert!(writable(&dir.path().join("a/b")));
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(!writable(&dir.path().join("file/b")));
    }
}
