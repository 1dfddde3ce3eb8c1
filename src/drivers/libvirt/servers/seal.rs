//! Takes the minion's private key off a server's seed once the guest has read it.

use std::io::Cursor;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::owned::{Owned, conflict, volume_of};
use crate::config_drive;
use crate::driver::{ActionDone, Context, Silent};
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::storage::{names, stream};
use crate::drivers::libvirt::volumes::Volume;
use crate::{Error, Kind, Result};

/// The largest seed that is read back, in bytes.
const LARGEST: u64 = 64 << 20;

/// Overwrites the private key on the seed of the server `name`, in place: the layout and the
/// instance id stay, so that a running guest sees the same drive, and nothing of the key is left.
pub(crate) fn seal(cx: &Context, host: &Host, name: &str) -> Result<ActionDone> {
    let owned = Owned::find(host, name, "so it has no seed of ours")?;
    let (volume, mut image) = read(host, &owned)?;
    let changed = config_drive::seal(&mut image)?;
    if changed {
        let size = image.len() as u64;
        let silent = (Arc::new(Silent) as _, "seal");
        stream::upload(&volume, Cursor::new(image), size, &cx.cancel, silent)?;
    }
    let message = if changed {
        format!("the seed of {name} holds no private key any more")
    } else {
        format!("the seed of {name} held no private key")
    };
    Ok(ActionDone::new(message, changed, None))
}

/// Whether no private key is on the seed of a server.
pub(super) fn is_sealed(host: &Host, owned: &Owned) -> Result<bool> {
    let (_, mut image) = read(host, owned)?;
    Ok(!config_drive::seal(&mut image)?)
}

/// The seed of a server, and what is in it.
fn read(host: &Host, owned: &Owned) -> Result<(Volume, Zeroizing<Vec<u8>>)> {
    let name = &owned.domain.name;
    let Some(seed) = owned.record.seed() else {
        return Err(Error::new(Kind::NotFound, format!("{name} has no seed")));
    };
    if !names::is_of(&seed.name, owned.domain.uuid) {
        let message = format!(
            "the record of {name} names {} as its seed, which is not its own",
            seed.name
        );
        return Err(conflict(message));
    }
    let volume = volume_of(host, seed)?;
    let image = stream::download(&volume, &format!("read the seed of {name}"), LARGEST)?;
    Ok((volume, Zeroizing::new(image)))
}
