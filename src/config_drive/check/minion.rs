//! The minion's part of a seed.

use crate::salt::MinionId;
use crate::{Error, Result};

use super::super::{PKI_DIR, SeedMinion};
use super::pem;

pub(super) fn minion(minion: &SeedMinion) -> Result<()> {
    MinionId::new(minion.id.as_str()).map_err(|error| error.with_field("/minion/id"))?;
    pem::public_key(&minion.public_key).map_err(|why| Error::invalid("/minion/public_key", why))?;
    pem::private_key(minion.private_key.expose())
        .map_err(|why| Error::invalid("/minion/private_key", why))?;
    for (member, key) in [
        ("master_key", &minion.master_key),
        ("sign_key", &minion.sign_key),
    ] {
        if let Some(key) = key {
            let invalid = |why| Error::invalid(format!("/minion/{member}"), why);
            pem::public_key(key).map_err(invalid)?;
        }
    }
    if let Some(id) = minion.conf.get("id")
        && id != &minion.id
    {
        return Err(Error::invalid(
            "/minion/conf/id",
            format!(
                "the id is {:?}: leave it out here, or say the same",
                minion.id
            ),
        ));
    }
    if let Some(dir) = minion.conf.get("pki_dir")
        && dir.as_str().map(|dir| dir.trim_end_matches('/')) != Some(PKI_DIR)
    {
        return Err(Error::invalid(
            "/minion/conf/pki_dir",
            format!("the guest's keys are put into {PKI_DIR}: leave it out, or say the same"),
        ));
    }
    minion.pkg_name.as_deref().map_or(Ok(()), package)
}

fn package(name: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+._-".contains(&byte);
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(Error::invalid(
        "/minion/pkg_name",
        format!("{name:?} is not the name of a package"),
    ))
}
