//! Another name for a server that is off. Its volumes keep theirs, by which they are its own; so do its host name, its
//! minion and its console's log.

use super::owned::{Owned, conflict, read};
use super::recover::OnHost;
use super::snapshots::check_none;
use crate::driver::{ActionDone, Context};
use crate::drivers::creation::{check_server_name, name_taken, recover_subject};
use crate::drivers::libvirt::domains::{self, Domain};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::xml::tree::Element;
use crate::{Error, Result};

/// Calls the server `name` by `new` name.
pub(super) fn rename(
    cx: &Context,
    host: &Host,
    name: &str,
    new: Option<&str>,
) -> Result<ActionDone> {
    let new = new.unwrap_or_default();
    check_server_name(new).map_err(|error| error.with_field("/new_name"))?;
    recover_subject(cx, &OnHost::new(cx, host), name)?;
    let owned = Owned::find(host, name, "so its name is not changed")?;
    let changed = new != name;
    if changed {
        if owned.active {
            return Err(conflict(format!(
                "{name} is running: stop it, then rename it"
            )));
        }
        check_none(&owned.domain, "another name")?;
        if domains::find(host, new)?.is_some() {
            let taken = name_taken(new, "another server's name");
            return Err(taken.with_field("/new_name"));
        }
        keep_variables(host, &owned)?;
        owned.domain.rename(new)?;
    }
    let message = format!("the server {name} is called {new}");
    Ok(ActionDone::new(message, changed, None))
}

/// Lets the definition name its UEFI variables: where it does not, libvirt looks for those of the new name.
fn keep_variables(host: &Host, owned: &Owned) -> Result<()> {
    let Owned { domain, xml, .. } = owned;
    let Some(path) = &owned.record.nvram else {
        return Ok(());
    };
    let mut tree = read(xml)?;
    let os = tree.children.iter_mut().find(|child| child.name == "os");
    let Some(os) = os.filter(|os| os.child("nvram").is_none()) else {
        return Ok(());
    };
    os.children.push(Element {
        name: "nvram".to_owned(),
        text: quick_xml::escape::escape(path.as_str()).into_owned(),
        ..Element::default()
    });
    define(host, domain, &tree)
}

/// Defines `domain` anew as `tree` says.
pub(super) fn define(host: &Host, domain: &Domain, tree: &Element) -> Result<()> {
    if domains::define(host, &domain.name, domain.uuid, tree.write())?.is_some() {
        return Ok(());
    }
    Err(Error::new(
        crate::Kind::Conflict,
        format!("{} was made anew in the meantime", domain.name),
    ))
}
