//! Why a server is in `ERROR`.

use crate::drivers::openstack::api::compute::Server;
use crate::{Error, Kind};

/// The fault of `server` as an error. What is short, refused or not there is told by Nova in words and
/// in the code of an HTTP answer.
pub(crate) fn fault_error(server: &Server) -> Error {
    let fault = server.fault.as_ref();
    let (code, message) = fault.map_or((0, ""), |fault| (fault.code, fault.message.as_str()));
    let text = message.to_lowercase();
    let says = |needle: &str| text.contains(needle);
    let no_host = says("no valid host") || says("exceeded maximum number of retries");
    let kind = match code {
        _ if no_host || says("quota") => Kind::QuotaExceeded,
        403 => Kind::PermissionDenied,
        404 => Kind::NotFound,
        _ => Kind::Conflict,
    };
    let hint = if no_host {
        "; no host of the cloud has room for this size: choose another, or try again later"
    } else {
        ""
    };
    let words = match message.trim().trim_end_matches('.') {
        "" => "it does not say why",
        words => words,
    };
    let message = format!("the cloud could not run {}: {words}{hint}", server.name);
    Error::new(kind, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_of_the_cloud_is_none_of_this_program() {
        let error = |fault: serde_json::Value| {
            let server = json!({"id": "1", "name": "web1", "fault": fault});
            fault_error(&serde_json::from_value(server).unwrap())
        };
        for (code, message, kind) in [
            (500, "No valid host was found. ", Kind::QuotaExceeded),
            (500, "Quota exceeded for ports", Kind::QuotaExceeded),
            (404, "Image x could not be found.", Kind::NotFound),
            (500, "Build of instance 1 aborted", Kind::Conflict),
        ] {
            let error = error(json!({"code": code, "message": message}));
            assert_eq!(error.kind(), kind, "{message}");
            assert!(
                error
                    .message()
                    .contains(message.trim().trim_end_matches('.'))
            );
        }
        assert!(error(json!(null)).message().contains("does not say why"));
    }
}
