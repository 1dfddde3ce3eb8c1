//! What the library is called, and what is said where it is missing or too old.

use std::ffi::OsStr;

/// The environment variable with the path of the library to load instead of [`SONAME`].
pub(crate) const PATH_VARIABLE: &str = "VA_DRIVER_LIBVIRT_SO";

/// The name by which the dynamic linker knows libvirt's client library.
pub(crate) const SONAME: &str = "libvirt.so.0";

pub(super) fn not_loaded(name: &OsStr, error: &libloading::Error) -> String {
    // libloading's Display leaves out what dlopen said on some platforms; its source has it
    let detail =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    let asked = if name == OsStr::new(SONAME) {
        SONAME.to_owned()
    } else {
        format!("{SONAME} ({PATH_VARIABLE}={})", name.display())
    };
    format!(
        "{asked} could not be loaded: {detail}. Install libvirt's client library (Debian and Ubuntu: \
         apt install libvirt0; Fedora and RHEL: dnf install libvirt-libs) or set {PATH_VARIABLE} to its path"
    )
}

pub(super) fn too_old(symbol: &str) -> String {
    format!("the installed {SONAME} has no {symbol}: it is too old, install libvirt 6.0 or newer")
}
