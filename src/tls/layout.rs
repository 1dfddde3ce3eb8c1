//! Which files there are below the folder of a request, and where libvirt looks for them.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authority;
use super::leaf::Role;
use super::names::HostName;

/// On the host, and on a client without `pkipath`.
const HOST_CA: &str = "/etc/pki/CA/cacert.pem";
const HOST_PKI: &str = "/etc/pki/libvirt";

/// The authority's folder.
pub(crate) const AUTHORITY: &str = "ca";

/// A file, and where libvirt looks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placed {
    /// The file.
    pub path: PathBuf,
    /// Where it belongs on the host, or on a client that does not use `pkipath`. The authority's
    /// key has none: it is needed nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install_to: Option<PathBuf>,
    /// Whether it holds a private key (mode 0600).
    pub private: bool,
}

/// Those of the authority in `directory`. Its key is needed nowhere else.
pub(crate) fn of_authority(directory: &Path) -> Vec<Placed> {
    let folder = directory.join(AUTHORITY);
    vec![
        placed(&folder, authority::CERTIFICATE, Some(HOST_CA.into()), false),
        placed(&folder, authority::KEY, None, true),
    ]
}

/// Those of the host that is called `host` in the first place.
pub(crate) fn of_host(directory: &Path, host: &str) -> Vec<Placed> {
    let names = HostName::parse("/hosts/0", host).into_iter().collect();
    of(directory, &Role::Server(names))
}

/// Those of the client `name`.
pub(crate) fn of_client(directory: &Path, name: &str) -> Vec<Placed> {
    of(directory, &Role::Client(name.to_owned()))
}

/// Those of whoever has `role`.
pub(super) fn of(directory: &Path, role: &Role) -> Vec<Placed> {
    let (kind, name) = role.folders();
    let folder = directory.join(kind).join(name);
    let (certificate, key) = role.files();
    let place = |name: &str| Some(format!("{HOST_PKI}/{name}"));
    vec![
        placed(&folder, authority::CERTIFICATE, Some(HOST_CA.into()), false),
        placed(&folder, certificate, place(certificate), false),
        placed(&folder, key, place(&format!("private/{key}")), true),
    ]
}

fn placed(folder: &Path, name: &str, install_to: Option<String>, private: bool) -> Placed {
    Placed {
        path: folder.join(name),
        install_to: install_to.map(PathBuf::from),
        private,
    }
}
