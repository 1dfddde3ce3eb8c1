//! What the guest of a plan is told beyond the cloud's own metadata.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Plan, Request};
use crate::config_drive::cloud_user_data;
use crate::drivers::minion::{Keys, as_request_error, guest_seed};
use crate::{Error, Result};

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
    let encoded = Zeroizing::new(STANDARD.encode(content.as_slice()));
    if encoded.len() <= LONGEST {
        return Ok(Some(encoded));
    }
    let field = if seed.user_data.is_some() {
        "/server/user_data"
    } else {
        "/server/minion"
    };
    let message = format!(
        "the user-data takes {} bytes with what is added to it, and Nova takes {}: put the rest where \
         the guest can fetch it, and #include its URL",
        content.len(),
        LONGEST / 4 * 3
    );
    Err(Error::invalid(field, message))
}
