//! The user-data: the minion's cloud-config, merged with what the user gives.
//!
//! Alone, either is the file. Together they are a MIME multipart: the user's part first, so that
//! nothing in it (includes and templates neither) can undo what follows; then a cloud-config whose
//! lists are appended to the user's; then the one with `salt_minion`, which replaces the user's.
//!
//! | file | concern |
//! |---|---|
//! | `kind` | what the user's user-data is, found as cloud-init finds it |
//! | `minion` | the cloud-config that sets up the minion |
//! | `multipart` | MIME multipart messages |

mod kind;
mod minion;
mod multipart;
#[cfg(test)]
mod tests;

use zeroize::Zeroizing;

use crate::template::{to_yaml_flow, to_yaml_flow_ascii};
use crate::units::{MIB, length};
use crate::{Error, Result, Secret};

use super::Seed;
use kind::Kind;
use multipart::{Body, Part};

pub(crate) use kind::ignition;
pub(super) use minion::{KEY_MEMBER, KEY_PREFIX};
pub(super) use multipart::{last_part, mark};

/// The longest user-data of a user, in bytes.
///
/// Neither the drive nor cloud-init sets a bound; `OpenStack`'s own is 64 KiB.
pub(crate) const USER_DATA_MAX: usize = length(16 * MIB);

/// The line by which cloud-init knows a cloud-config.
pub(super) const CLOUD_CONFIG: &str = "#cloud-config\n";

/// The part that is joined to the user's.
const GUEST: &str = "va-driver-guest";

/// How cloud-init merges: the user's values stay, maps and lists are joined.
const JOIN: &str = "list(append)+dict(no_replace,recurse_list)+str()";
/// The values of this part replace what is there.
const REPLACE: &str = "dict(replace)+list()+str()";

/// What user-data says where the metadata is not ours to write, as in a cloud.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Also<'a> {
    /// Public keys that may log in as the image's user, beside the metadata's.
    pub(super) ssh_keys: &'a [String],
    /// The guest's full domain name.
    pub(super) fqdn: Option<&'a str>,
}

/// The file's bytes. `seed` has been checked.
pub(super) fn content(seed: &Seed) -> Result<Zeroizing<Vec<u8>>> {
    content_with(seed, Also::default())
}

/// The same with what `also` is to be said.
pub(super) fn content_with(seed: &Seed, also: Also<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let user = seed.user_data.as_ref().map(Secret::expose);
    let user = user.map(kind::without_mark);
    let user = user.filter(|text| !text.trim().is_empty());
    if user.is_some_and(|text| text.len() > USER_DATA_MAX) {
        return Err(Error::invalid(
            "/user_data",
            format!("user-data has at most {USER_DATA_MAX} bytes: fetch the rest with #include"),
        ));
    }
    match (&seed.minion, user) {
        (None, None) => Ok(cloud_config(&written(to_yaml_flow(&minion::also(also)))?)),
        (None, Some(user)) if minion::also(also).is_empty() => {
            if Kind::of(user).is_none() && !kind::is_for_another(user) {
                return Err(unknown_kind());
            }
            Ok(Zeroizing::new(user.as_bytes().to_vec()))
        }
        (None, Some(user)) => {
            let joined = cloud_config(&written(to_yaml_flow_ascii(&minion::also(also)))?);
            Ok(multipart(Some(user), &[(GUEST, JOIN, &joined)])?)
        }
        (Some(minion), None) => {
            let parts = minion::Parts::new(minion, also)?;
            let whole = cloud_config(&Zeroizing::new(written(to_yaml_flow(&parts.whole()))?));
            // cloud-init takes what contains this near its start for MIME, whatever it is
            if kind::looks_like_mime(&whole) {
                with_minion(None, &parts)
            } else {
                Ok(whole)
            }
        }
        (Some(minion), Some(user)) => with_minion(Some(user), &minion::Parts::new(minion, also)?),
    }
}

fn with_minion(user: Option<&str>, ours: &minion::Parts<'_>) -> Result<Zeroizing<Vec<u8>>> {
    // in ASCII: cloud-init parses the message as text and garbles other characters sent as 8bit
    let joined = cloud_config(&written(to_yaml_flow_ascii(&ours.joined()))?);
    let replacing = Zeroizing::new(written(to_yaml_flow_ascii(&ours.replacing()))?);
    let replacing = cloud_config(&replacing);
    let ours = [
        (GUEST, JOIN, &joined),
        ("va-driver-minion", REPLACE, &replacing),
    ];
    multipart(user, &ours)
}

/// The user's part and `ours`: name, way of merging, cloud-config.
fn multipart(
    user: Option<&str>,
    ours: &[(&'static str, &'static str, &Zeroizing<Vec<u8>>)],
) -> Result<Zeroizing<Vec<u8>>> {
    let mut parts = Vec::new();
    if let Some(user) = user {
        parts.push(match Kind::of(user) {
            Some(Kind::Mime) => Part::Message(user.trim_start()),
            Some(Kind::Text(subtype)) => Part::Headed {
                subtype,
                name: None,
                merge: None,
                body: Body::of(user),
            },
            None => return Err(unknown_kind()),
        });
    }
    for &(name, merge, body) in ours {
        parts.push(Part::Headed {
            subtype: "cloud-config",
            name: Some(name),
            merge: Some(merge),
            body: Body::Plain(body),
        });
    }
    Ok(multipart::encode(user.unwrap_or_default(), &parts))
}

fn cloud_config(json: &str) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(CLOUD_CONFIG.len() + json.len() + 1));
    out.extend_from_slice(CLOUD_CONFIG.as_bytes());
    out.extend_from_slice(json.as_bytes());
    out.push(b'\n');
    out
}

/// `conf` and `grains` are what may have no form in YAML.
fn written(text: Result<String>) -> Result<String> {
    text.map_err(|error| error.with_field("/minion"))
}

fn unknown_kind() -> Error {
    Error::invalid(
        "/user_data",
        format!(
            "cloud-init does not know this user-data: its first line begins with one of: {}; \
             or it is MIME with a MIME-Version header",
            kind::beginnings().collect::<Vec<_>>().join(", ")
        ),
    )
}
