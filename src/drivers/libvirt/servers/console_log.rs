//! What a server's console has printed: libvirt's own stream has only what is to come, so this is the file that the host
//! logs it to, where that lies in a pool and can be read through libvirt.

use crate::driver::ActionDone;
use crate::drivers::libvirt::domains;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::storage::stream;
use crate::drivers::libvirt::xml::domain_view::DomainView;
use crate::drivers::libvirt::xml::{from_xml, volume::Volume};
use crate::drivers::libvirt::{pools, volumes};
use crate::{Error, Kind, Result};

/// How much of the end of a log is read, in bytes.
const MOST: u64 = 1 << 20;

/// The last `lines` of what the console of the server `name` has printed.
pub(super) fn read(host: &Host, name: &str, lines: Option<u64>) -> Result<ActionDone> {
    let seen = domains::named(host, name)?.described()?;
    let view: DomainView = from_xml(name, &seen.xml)?;
    let Some(path) = view.devices.log() else {
        let message = format!(
            "the host keeps no log of the console of {name}: let the provider's console_log name a directory \
             before a server is created"
        );
        return Err(Error::new(Kind::Unsupported, message));
    };
    let text = match log(host, path)? {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => String::new(), // it has not printed anything
    };
    let message = format!("what the console of {name} has printed");
    let mut done = ActionDone::new(message, false, None);
    done.output = Some(last(&text, lines));
    Ok(done)
}

/// The end of the file at `path` of the host; none where there is none.
fn log(host: &Host, path: &str) -> Result<Option<Vec<u8>>> {
    let (folder, file) = path.rsplit_once('/').unwrap_or_default();
    let is_it = |pool: &crate::driver::Pool| {
        let at = pool.path.as_deref().map(|at| at.trim_end_matches('/'));
        pool.active && at == Some(folder)
    };
    let Some(pool) = pools::list(host)?.into_iter().find(is_it) else {
        let message = format!(
            "{path} is a file of the host, and libvirt reads only what is in a pool: make one there by \
             `pool.create` with the path {folder}"
        );
        return Err(Error::new(Kind::Unsupported, message));
    };
    let found = pools::named(host, &pool.name)?;
    let Some(volume) = volumes::find(&found, file)? else {
        return Ok(None);
    };
    let Some(text) = volume.xml()? else {
        return Ok(None);
    };
    let view: Volume = from_xml(file, &text)?;
    let size = view.file_size().unwrap_or(view.capacity.value);
    let from = size.saturating_sub(MOST);
    stream::download_at(&volume, "read the console's log", (from, MOST)).map(Some)
}

/// The last `lines` of `text`; all of it where none are said.
fn last(text: &str, lines: Option<u64>) -> String {
    let Some(lines) = lines else {
        return text.to_owned();
    };
    let all: Vec<_> = text.lines().collect();
    let wanted = usize::try_from(lines).unwrap_or(usize::MAX).min(all.len());
    all[all.len() - wanted..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_console_the_last_lines_are_told() {
        assert_eq!(last("a\r\nb\nc\n", Some(2)), "b\nc");
        assert_eq!(last("a\nb\n", Some(9)), "a\nb");
        assert_eq!(last("a\n", None), "a\n");
        assert_eq!(last("a\n", Some(0)), "");
    }
}
