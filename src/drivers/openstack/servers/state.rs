//! What a server is doing.

use crate::driver::Status;

/// Nova's `power_state` of a server that is off.
const OFF: u64 = 4;

/// `va_master`'s word for Nova's `status`; `power` is Nova's `power_state`.
///
/// A server that is being moved or resized is on or off meanwhile as `power` says; one that is shelved
/// takes no host's memory, and starts again as one that is off.
pub(crate) fn status(status: &str, power: Option<u64>) -> Status {
    match status {
        "RESIZE" | "VERIFY_RESIZE" | "REVERT_RESIZE" if power == Some(OFF) => Status::Shutoff,
        "ACTIVE" | "REBOOT" | "HARD_REBOOT" | "PASSWORD" | "MIGRATING" | "RESCUE"
        | "VERIFY_RESIZE" => Status::Active,
        "BUILD" | "REBUILD" | "RESIZE" | "REVERT_RESIZE" => Status::Build,
        "SHUTOFF" | "SHELVED" | "SHELVED_OFFLOADED" | "SOFT_DELETED" => Status::Shutoff,
        "PAUSED" => Status::Paused,
        "SUSPENDED" => Status::Suspended,
        "ERROR" => Status::Error,
        _ => Status::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_nova_has_a_word() {
        for (nova, power, ours) in [
            ("ACTIVE", 1, Status::Active),
            ("BUILD", 0, Status::Build),
            ("DELETED", 0, Status::Unknown),
            ("ERROR", 0, Status::Error),
            ("HARD_REBOOT", 1, Status::Active),
            ("MIGRATING", 1, Status::Active),
            ("PASSWORD", 1, Status::Active),
            ("PAUSED", 3, Status::Paused),
            ("REBOOT", 1, Status::Active),
            ("REBUILD", 1, Status::Build),
            ("RESCUE", 1, Status::Active),
            ("RESIZE", 1, Status::Build),
            ("RESIZE", OFF, Status::Shutoff),
            ("REVERT_RESIZE", 1, Status::Build),
            ("SHELVED", OFF, Status::Shutoff),
            ("SHELVED_OFFLOADED", OFF, Status::Shutoff),
            ("SHUTOFF", OFF, Status::Shutoff),
            ("SOFT_DELETED", OFF, Status::Shutoff),
            ("SUSPENDED", OFF, Status::Suspended),
            ("UNKNOWN", 0, Status::Unknown),
            ("VERIFY_RESIZE", 1, Status::Active),
            ("VERIFY_RESIZE", OFF, Status::Shutoff),
            ("SOMETHING_NEW", 1, Status::Unknown),
        ] {
            assert_eq!(status(nova, Some(power)), ours, "{nova} {power}");
        }
        assert_eq!(status("VERIFY_RESIZE", None), Status::Active);
    }
}
