//! What a driver is that says nothing of itself: its form, and the members that it knows.

mod offers;

use super::form::{FieldType, Step};
use super::members::ServerMembers;
use super::provider_members;
use super::{Action, Driver};
use crate::{Error, Kind, Result};
pub(crate) use offers::offers;

/// The base steps: *Provider info*, *Network & security group*, *Image & size*.
#[must_use]
pub fn steps() -> Vec<Step> {
    vec![
        Step::new("Provider info")
            .field("provider_name", "Provider name", FieldType::Str)
            .field("username", "Username", FieldType::Str)
            .field("password", "Password", FieldType::Str)
            .field("location", "Location", FieldType::Str),
        Step::new("Network & security group")
            .field(
                "netsec_desc",
                "Choose the network, and where the host has them the security group, that servers \
                 get unless they say otherwise.",
                FieldType::Description,
            )
            .field("network", "Default network", FieldType::Options)
            .field("sec_group", "Default security group", FieldType::Options),
        Step::new("Image & size")
            .field("image", "Default image", FieldType::Options)
            .field("size", "Default size", FieldType::Options),
    ]
}

provider_members! {
    taken {
        DRIVER_NAME = "driver_name", also ["driver", "driver_id"]: "the driver's id";
        PROVIDER_NAME = "provider_name": "what the provider is called";
        USERNAME = "username": "who logs in on the host";
        PASSWORD = "password": "the password that goes with it";
        LOCATION = "location": "where the host stands, for people";
        HOST_IP = "host_ip", also ["provider_ip"]: "the host";
        HOST_PROTOCOL = "host_protocol", also ["provider_protocol"]: "how to reach it";
        URI = "uri": "the whole connection URI, instead of `host_protocol` and `host_ip`";
        TENANT = "tenant": "the tenant (project)";
        REGION = "region": "the region";
        DEFAULTS = "defaults": "what servers get that do not say otherwise: `network`, `sec_group`, `image`, `size`";
        NETWORK = "network": "the network of servers that name none; also in `defaults`";
        SEC_GROUP = "sec_group": "the security group of servers that name none; also in `defaults`";
        IMAGE = "image": "the image of servers that name none; also in `defaults`";
        SIZE = "size": "the size of servers that name none; also in `defaults`";
    }
    refused {}
    passed_over {}
}

/// What the base takes of a server: what a profile can have a place for; whether it has one is seen when
/// it is rendered. The minion's are Salt's own.
pub(crate) const SERVER_MEMBERS: ServerMembers = ServerMembers {
    host: "a host by salt-cloud",
    takes: &[&[
        "server_name",
        "role",
        "image",
        "size",
        "network",
        "networks",
        "sec_group",
        "sec_groups",
        "availability_zone",
        "key_name",
        "floating_ip",
        "storage_disk",
        "user_data",
        "domain",
        "ssh_keys",
        "minion",
        "minion/id",
        "minion/master",
        "minion/master_finger",
        "minion/conf",
        "minion/grains",
        "minion/pki_dir",
        "minion/accept",
        "minion/keys",
        "minion/keys/public",
        "minion/keys/private",
        "minion/keysize",
    ]],
    passes_over: &[],
    refuses: &[
        (
            "minion/master_key",
            "Salt's bootstrap has no place for it; give master_finger",
        ),
        (
            "minion/sign_key",
            "Salt's bootstrap has no place for it; say master_sign_pub_file in the profile",
        ),
        (
            "seed",
            "salt-cloud installs the minion by SSH or as its driver does",
        ),
    ],
};

/// Whether Salt's drivers have `action` at all; whether one has, it says when it is asked.
pub(crate) fn takes_action(action: Action) -> bool {
    matches!(action, Action::Start | Action::Stop | Action::Reboot)
}

/// Sees that `driver` can do `action` at all.
pub(crate) fn check_action(driver: &dyn Driver, action: Action) -> Result<()> {
    if driver.takes_action(action) {
        return Ok(());
    }
    let what = format!("{} a server", action.as_str());
    Err(unsupported(driver.driver_id(), &what))
}

/// The error of a driver that is asked for what it does not do.
#[must_use]
pub fn unsupported(driver_id: &str, what: &str) -> Error {
    Error::new(
        Kind::Unsupported,
        format!("the driver {driver_id} cannot {what}"),
    )
}
