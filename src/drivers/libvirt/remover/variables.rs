//! The UEFI variables of a domain that goes.

use crate::transaction::Removal;

/// Whether the UEFI variables of the domain `name` go with it, and which do: its definition names the
/// file `defined`, its record `recorded`. Where the definition names none, libvirt takes the file that
/// it calls by the domain's name.
pub(super) fn of(
    name: &str,
    defined: Option<String>,
    recorded: Option<String>,
) -> (bool, Vec<(String, Removal)>) {
    let is_called_so = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with("_VARS."))
    };
    let kept = |path: String, why: &str| (path, Removal::Kept(why.to_owned()));
    match (defined, recorded) {
        (None, None) => (true, Vec::new()),
        (Some(defined), Some(recorded)) if defined == recorded => {
            (true, vec![(recorded, Removal::Gone)])
        }
        (None, Some(recorded)) if is_called_so(&recorded) => {
            (true, vec![(recorded, Removal::Gone)])
        }
        (None, Some(recorded)) => {
            let why = "the server had another name when they were made, and libvirt does not remove \
                       them; remove the file on the host";
            (true, vec![kept(recorded, why)])
        }
        (Some(defined), _) => {
            let why = "the server's record does not name them";
            (false, vec![kept(defined, why)])
        }
    }
}
