//! Whether a seed makes sense, before anything is built of it.
//!
//! | file | concern |
//! |---|---|
//! | `network` | network cards |
//! | `minion`, `pem` | the minion's part, and keys by their form |
//! | `ssh` | lines of `authorized_keys` |

mod minion;
mod network;
mod pem;
mod ssh;
#[cfg(test)]
mod tests;

pub(super) use pem::{private_key, public_key};

use crate::{Error, Result};

use super::Seed;

/// RFC 1123, and what fits into the DNS.
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;
const INSTANCE_ID_MAX: usize = 128;

/// Checks all of `seed` but its user-data, whose kind is found where it is merged.
pub(super) fn seed(seed: &Seed) -> Result<()> {
    host_name("/hostname", &seed.hostname)?;
    if let Some(fqdn) = &seed.fqdn {
        host_name("/fqdn", fqdn)?;
        let rest = fqdn.strip_prefix(seed.hostname.as_str());
        if !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
            return Err(Error::invalid(
                "/fqdn",
                format!(
                    "{fqdn:?} must begin with the host name and a dot: {:?}",
                    seed.hostname
                ),
            ));
        }
    }
    if let Some(id) = &seed.instance_id {
        instance_id(id)?;
    }
    for (index, key) in seed.ssh_keys.iter().enumerate() {
        ssh::public_key(key).map_err(|why| Error::invalid(format!("/ssh_keys/{index}"), why))?;
    }
    network::interfaces(&seed.interfaces)?;
    network::config(seed)?;
    if let Some(minion) = &seed.minion {
        minion::minion(minion)?;
    }
    Ok(())
}

fn host_name(field: &str, name: &str) -> Result<()> {
    let label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if name.len() > NAME_MAX || !name.split('.').all(label) {
        return Err(Error::invalid(
            field,
            format!(
                "{name:?} is not a host name: labels of letters, digits and hyphens, 1 to \
                 {LABEL_MAX} characters each, joined by dots, {NAME_MAX} in all"
            ),
        ));
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(Error::invalid(
            field,
            format!("{name:?} is an address: give the guest a name"),
        ));
    }
    Ok(())
}

/// cloud-init makes a directory of this name.
fn instance_id(id: &str) -> Result<()> {
    let fits = (1..=INSTANCE_ID_MAX).contains(&id.len()) && !id.starts_with('.');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if fits && id.bytes().all(allowed) {
        return Ok(());
    }
    Err(Error::invalid(
        "/instance_id",
        format!(
            "{id:?} is not an instance id: 1 to {INSTANCE_ID_MAX} letters, digits, dots, hyphens \
             and underscores, no dot first"
        ),
    ))
}
