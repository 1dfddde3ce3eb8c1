//! Floating IPs that were there before their server: they are given back, and never deleted.

use serde_json::json;

use super::parts::{FLOATING_IPS, PORTS};
use crate::drivers::openstack::artifacts::Artifact;
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::plan::bodies::leading;
use crate::transaction::Removal;
use crate::{Kind, Result};

/// That the floating IP `id` leads to the server `server`, by its id; none where it does not any more.
pub(in crate::drivers::openstack) fn association(
    cloud: &Cloud,
    server: &str,
    id: &str,
) -> Result<Option<Artifact>> {
    let Some(floating) = FLOATING_IPS.look(cloud, id)? else {
        return Ok(None);
    };
    let Some(port) = floating["port_id"].as_str() else {
        return Ok(None);
    };
    let user = PORTS.look(cloud, port)?;
    let is_its = user.is_some_and(|port| port["device_id"] == server);
    let address = floating["floating_ip_address"].as_str().unwrap_or(id);
    Ok(is_its.then(|| Artifact::Association {
        address: address.to_owned(),
        floating_ip: id.to_owned(),
        port: port.to_owned(),
    }))
}

/// Ends that the floating IP `id` leads to `port`, unless it leads elsewhere by now.
pub(super) fn give_back(cloud: &Cloud, id: &str, port: &str) -> Result<Removal> {
    let floating = FLOATING_IPS.look(cloud, id)?;
    let Some(floating) = floating.filter(|one| one["port_id"] == port) else {
        return Ok(Removal::Absent);
    };
    lead(cloud, id, None, floating["revision_number"].as_u64())?;
    Ok(Removal::Gone)
}

/// Leads the floating IP `id` to `port`, or nowhere, where nobody has changed it since it was at `revision`.
pub(in crate::drivers::openstack) fn lead(
    cloud: &Cloud,
    id: &str,
    port: Option<&str>,
    revision: Option<u64>,
) -> Result<()> {
    let path = Path::of("/v2.0/floatingips", id)?;
    let refused = match cloud.put(Service::Network, path, &leading(port), revision) {
        Err(error) if error.kind() == Kind::Conflict => error,
        led => return led,
    };
    // a try whose answer was lost has changed it, too
    match FLOATING_IPS.look(cloud, id)? {
        Some(floating) if floating["port_id"] == json!(port) => Ok(()),
        _ => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers::openstack::http::answering;
    use crate::drivers::openstack::settings::Settings;
    use crate::transaction::Cancel;

    #[test]
    fn a_floating_ip_that_a_lost_try_has_led_there_is_not_taken_for_anothers() {
        for (leads_to, is_led) in [("p", true), ("q", false)] {
            let seen = json!({"floatingip": {"port_id": leads_to}}).to_string();
            let url = answering(vec![
                ("", String::new()),
                ("412 Precondition Failed", "{}".to_owned()),
                ("200 OK", seen),
            ]);
            let provider = json!({"provider_name": "lab", "auth_type": "none", "endpoint": url});
            let settings = Settings::read(&serde_json::from_value(provider).unwrap()).unwrap();
            let cloud = Cloud::connect(&settings, &Cancel::default()).unwrap();
            let led = lead(&cloud, "f", Some("p"), Some(1));
            let refused = led.err().map(|error| error.kind());
            assert_eq!(refused, (!is_led).then_some(Kind::Conflict));
        }
    }
}
