//! What the guest of a plan is told beyond the cloud's own metadata.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use zeroize::Zeroizing;

use super::{Plan, Request};
use crate::config_drive::cloud_user_data;
use crate::drivers::minion::{Keys, as_request_error, guest_seed};
use crate::{Error, Kind, Result};

/// What Nova takes, as base64.
const LONGEST: usize = 65_535;

/// The user-data, as base64; none where there is nothing to say.
pub(crate) fn user_data(
    plan: &Plan,
    request: &Request,
    keys: Option<&Keys>,
) -> Result<Option<Zeroizing<String>>> {
    let minion = request.minion_id.as_ref().zip(keys);
    let seed = guest_seed(&request.spec, plan.creation, minion);
    let content = cloud_user_data(&seed, plan.key_pair.is_some()).map_err(as_request_error)?;
    let Some(content) = content else {
        return Ok(None);
    };
    let encode = |content: &[u8]| Zeroizing::new(STANDARD.encode(content));
    let encoded = encode(&content);
    if encoded.len() <= LONGEST {
        return Ok(Some(encoded));
    }
    let packed = encode(&packed(&content)?);
    if packed.len() <= LONGEST {
        return Ok(Some(packed));
    }
    let field = if seed.user_data.is_some() {
        "/server/user_data"
    } else {
        "/server/minion"
    };
    let message = format!(
        "the user-data takes {} bytes with what is added to it, and Nova takes {}, which it exceeds \
         with gzip, too: put the rest where the guest can fetch it, and #include its URL",
        content.len(),
        LONGEST / 4 * 3
    );
    Err(Error::invalid(field, message))
}

/// `content` as gzip has it, which cloud-init and cloudbase-init unpack.
fn packed(content: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(content).and_then(|()| packer.finish());
    packed.map(Zeroizing::new).map_err(|error| {
        Error::new(Kind::Internal, "the user-data cannot be packed").with_source(error)
    })
}
