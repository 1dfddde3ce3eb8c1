//! Images brought to Glance: from a file on this machine or over HTTP, streamed, and checked before
//! and while they are stored.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

use super::api::image::Image;
use super::artifacts::Artifact;
use super::cloud::{Cloud, Path, Service};
use super::create::roll_back;
use super::image_mark;
use super::servers::InCloud;
use super::settings::Settings;
use crate::driver::{Context, DryRun, ImageImport, ImageImported, Progress};
use crate::drivers::creation::clear_up;
use crate::drivers::image::{self, Digests, Hashing, Source};
use crate::transaction::{Cancel, Journal, Transaction};
use crate::{Error, Kind, Result};

/// The longest name that Glance takes.
const NAME_MAX: usize = 255;
/// The property that keeps the SHA-256 of an image: Glance makes other digests.
const SHA256: &str = "va_driver_sha256";

/// Brings `import` to the project, for its own use.
pub(super) fn import(
    cx: &Context,
    settings: &Settings,
    import: &ImageImport,
) -> Result<ImageImported> {
    let name = name(import)?;
    let stated = image::stated_format(import, &name)?;
    let wanted = image::checksum(import, &cx.cancel)?;
    no_pool(import)?;
    let cloud = Cloud::connect(settings, &cx.cancel)?;
    clear_up(cx, &InCloud::new(cx, &cloud), &name)?;
    let there = image_mark::called(&cloud, &name)?;
    if !there.is_empty() {
        return already_there(cx, &cloud, import, &name, there, wanted);
    }
    let open = |wanted| image::open(import, &name, stated, wanted, u64::MAX, &cx.cancel);
    let opened = open(wanted)?;
    let (size, format, wanted) = (opened.size, opened.format, opened.sha256.clone());
    let id = Uuid::new_v4();
    let journal = Journal::create(&cx.state_dir, &cloud.host_id(), &name)?;
    let mut transaction: Transaction<Artifact> = Transaction::begin(journal);
    let store = || -> Result<(Image, String)> {
        transaction.record(Artifact::Image {
            name: name.clone(),
            id,
        })?;
        create(&cloud, id, &name, format, wanted.as_deref())?;
        cloud.seen(&id.to_string());
        let again = || open(wanted.clone());
        let (sha256, sha512) = send(cx, &cloud, import, id, opened, again)?;
        if wanted.as_ref().is_some_and(|wanted| *wanted != sha256) {
            return Err(image::not_what_was_meant(import, &sha256));
        }
        let stored: Image = cloud.get(Service::Image, Path::of("/v2/images", &id.to_string())?)?;
        check_stored(&stored, size, &sha512)?;
        image_mark::take_off(&cloud, id)?;
        Ok((stored, sha256))
    };
    match store() {
        Ok((stored, sha256)) => {
            if let Err(error) = transaction.commit() {
                tracing::warn!(%error, "the image is whole, but its journal is still there");
            }
            Ok(ImageImported {
                imported: true,
                image: stored.into(),
                sha256: Some(sha256),
            })
        }
        Err(cause) => Err(roll_back(cx, settings, transaction, cause)),
    }
}

/// What [`import`] would do.
pub(super) fn plan(cx: &Context, settings: &Settings, import: &ImageImport) -> Result<DryRun> {
    let name = name(import)?;
    let stated = image::stated_format(import, &name)?;
    let wanted = image::checksum(import, &cx.cancel)?;
    no_pool(import)?;
    let cloud = Cloud::connect(settings, &cx.cancel)?;
    if !image_mark::called(&cloud, &name)?.is_empty() {
        return Ok(image::plan_comparison(&name, "the project"));
    }
    let opened = image::open(import, &name, stated, wanted, u64::MAX, &cx.cancel)?;
    let what = (opened.format, opened.size);
    Ok(image::plan_upload(import, &name, what, "the project"))
}

fn no_pool(import: &ImageImport) -> Result<()> {
    if import.pool.as_deref().is_some_and(|pool| !pool.is_empty()) {
        let message = "Glance has no pools; leave pool out";
        return Err(Error::new(Kind::Unsupported, message).with_field("/image/pool"));
    }
    Ok(())
}

/// Makes an image that has no data yet.
fn create(cloud: &Cloud, id: Uuid, name: &str, format: &str, sha256: Option<&str>) -> Result<()> {
    let mut body = json!({
        "id": id,
        "name": name,
        "disk_format": format,
        "container_format": "bare",
        "visibility": "private",
        "tags": [image_mark::tag(id)],
    });
    if let Some(sha256) = sha256 {
        body[SHA256] = json!(sha256);
    }
    let _: Value = cloud.post(Service::Image, "/v2/images", &body)?;
    Ok(())
}

/// Sends the data, which is opened `again` where Glance wants it again; answers its SHA-256 and SHA-512.
fn send(
    cx: &Context,
    cloud: &Cloud,
    import: &ImageImport,
    id: Uuid,
    opened: image::Opened,
    again: impl Fn() -> Result<image::Opened>,
) -> Result<(String, String)> {
    let size = opened.size;
    let (sha256, sha512) = (
        Arc::new(Mutex::new(Sha256::new())),
        Arc::new(Mutex::new(Sha512::new())),
    );
    let read_error = Arc::new(Mutex::new(None));
    let mut opened = Some(opened);
    let data = || {
        let opened = opened.take().map_or_else(&again, Ok)?;
        if opened.size != size {
            let source = image::shown_source(&import.source);
            let message = format!("{source} has another size than a moment ago");
            return Err(Error::new(Kind::Conflict, message).with_field("/image/source"));
        }
        let watched = Watched {
            data: opened.data,
            progress: Arc::clone(&cx.progress),
            done: 0,
            size,
            read_error: Arc::clone(&read_error),
        };
        let hashing = Hashing::new(watched, Arc::clone(&sha256));
        Ok(Hashing::new(hashing, Arc::clone(&sha512)))
    };
    let path = Path::of("/v2/images", &id.to_string())?.then("/file");
    if let Err(error) = cloud.upload(Service::Image, path, data, size) {
        let read_error = read_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // The connection to the cloud was given up because there was nothing more to send.
        return Err(match read_error {
            Some(words) if error.kind() != Kind::Cancelled => {
                let message = format!(
                    "cannot read {}: {words}",
                    image::shown_source(&import.source)
                );
                Error::new(Kind::ConnectionFailed, message).with_field("/image/source")
            }
            _ => error,
        });
    }
    Ok((image::hash_of(&sha256), image::hash_of(&sha512)))
}

/// Sees that Glance has all of what was sent.
fn check_stored(stored: &Image, size: u64, sha512: &str) -> Result<()> {
    let same = stored.os_hash_algo.as_deref() != Some("sha512")
        || stored
            .os_hash_value
            .as_deref()
            .is_none_or(|hash| hash == sha512);
    if stored.status == "active" && stored.size == Some(size) && same {
        return Ok(());
    }
    let message = format!(
        "the cloud did not store the image as it was sent: it is {}, of {} bytes",
        stored.status,
        stored.size.unwrap_or(0)
    );
    Err(Error::new(Kind::Internal, message))
}

/// The answer where the project sees images of that name: one is the same, or an error says so.
fn already_there(
    cx: &Context,
    cloud: &Cloud,
    import: &ImageImport,
    name: &str,
    there: Vec<Image>,
    wanted: Option<String>,
) -> Result<ImageImported> {
    let own = digests(import, &cx.cancel)?;
    if let (Some((found, _)), Some(wanted)) = (&own, &wanted)
        && !found.have(wanted)
    {
        return Err(image::not_what_was_meant(import, &found.image));
    }
    let wanted = own
        .as_ref()
        .map(|(sha256, _)| sha256.image.clone())
        .or(wanted);
    let same = |image: &Image| {
        let by_glance = match (image.os_hash_algo.as_deref(), &own) {
            (Some("sha512"), Some((_, sha512))) => image.os_hash_value.as_ref() == Some(sha512),
            (Some("sha256"), _) => wanted.is_some() && image.os_hash_value == wanted,
            _ => false,
        };
        // What is written on an image counts only where nobody else could have written it.
        let ours = image.owner.is_some() && image.owner.as_deref() == cloud.project_id();
        by_glance || (ours && wanted.is_some() && image.sha256 == wanted)
    };
    let is_being_imported = there.iter().any(Image::is_being_imported);
    let ids: Vec<String> = there.iter().map(|image| image.id.clone()).collect();
    let found = there
        .into_iter()
        .find(|image| image.status == "active" && !image.is_being_imported() && same(image));
    if let Some(image) = found {
        return Ok(ImageImported {
            imported: false,
            image: image.into(),
            sha256: wanted,
        });
    }
    let why = if is_being_imported {
        "it is being imported: wait for that, or, where that program is gone, let server.recover \
         under its state directory remove it"
    } else if wanted.is_some() {
        "it is not known to hold the same"
    } else {
        "without a sha256 it cannot be compared"
    };
    Err(image::name_is_taken(format!(
        "there is an image {name} already ({}); {why}; choose another name",
        ids.join(", ")
    )))
}

/// The SHA-256 and SHA-512 of a source that is a file.
fn digests(import: &ImageImport, cancel: &Cancel) -> Result<Option<(Digests, String)>> {
    let sha256 = Source::digests_of_file::<Sha256>(&import.source, cancel)?;
    let sha512 = Source::digests_of_file::<Sha512>(&import.source, cancel)?;
    Ok(sha256.zip(sha512.map(|sha512| sha512.image)))
}

fn name(import: &ImageImport) -> Result<String> {
    let name = image::name(import)?;
    if name.trim().is_empty()
        || name.chars().count() > NAME_MAX
        || name.contains(|c: char| c.is_control() || c == '|')
    {
        let message = format!("{name:?} cannot be an image's name");
        return Err(Error::invalid("/image/name", message));
    }
    Ok(name)
}

/// Data whose progress is told, and whose read error is kept for the one who waits.
struct Watched<R> {
    data: R,
    progress: Arc<dyn Progress>,
    done: u64,
    size: u64,
    read_error: Arc<Mutex<Option<String>>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.data.read(buffer) {
            Ok(0) if self.done < self.size && !buffer.is_empty() => {
                let error = io::Error::new(io::ErrorKind::UnexpectedEof, "it ends early");
                self.keep(&error);
                Err(error)
            }
            Ok(got) => {
                self.done += got as u64;
                self.progress.report("upload", self.done, self.size);
                Ok(got)
            }
            Err(error) => {
                self.keep(&error);
                Err(error)
            }
        }
    }
}

impl<R> Watched<R> {
    fn keep(&self, error: &io::Error) {
        let mut read_error = self
            .read_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *read_error = Some(error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_glance_has_not_stored_whole_is_noticed() {
        let stored = |status: &str, size: u64, hash: &str| -> Image {
            serde_json::from_value(json!({
                "id": "1", "name": "i", "status": status, "size": size,
                "os_hash_algo": "sha512", "os_hash_value": hash
            }))
            .unwrap()
        };
        assert!(check_stored(&stored("active", 3, "ab"), 3, "ab").is_ok());
        for other in [
            stored("saving", 3, "ab"),
            stored("active", 2, "ab"),
            stored("active", 3, "cd"),
        ] {
            assert!(check_stored(&other, 3, "ab").is_err(), "{other:?}");
        }
    }
}
