//! What was made for servers that are no more: it carries a creation's mark, and no server carries that
//! creation's record.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

use super::Remover;
use super::parts::{Collection, FLOATING_IPS, Listed, PORTS, VOLUMES};
use crate::driver::Context;
use crate::drivers::creation::Orphan;
use crate::drivers::openstack::artifacts::{Artifact, Marked};
use crate::drivers::openstack::cloud::{Cloud, Path, Service};
use crate::drivers::openstack::lookup::lists;
use crate::drivers::openstack::lookup::servers::Recorded;
use crate::drivers::openstack::record::{KEPT, creation_of};
use crate::transaction::Removal;
use crate::{Kind, Result};

/// What is younger may be of a creation that another machine is at, whose server is still to come.
const UNDER_WAY: Duration = Duration::from_secs(3600);

/// The project's orphans. What a service does not tell of is left out.
pub(in crate::drivers::openstack) fn orphans(cloud: &Cloud) -> Result<Vec<Orphan<Artifact>>> {
    let recorded = Recorded::of(cloud);
    let mut found = Vec::new();
    for (service, of_service) in [
        (Service::Volume, volumes as fn(&Cloud) -> Result<Vec<_>>),
        (Service::Network, floating_ips),
        (Service::Network, ports),
        (Service::Compute, key_pairs),
    ] {
        if !cloud.has(service) {
            continue;
        }
        match of_service(cloud) {
            Ok(marked) => found.extend(marked),
            Err(error) if error.kind() == Kind::Cancelled => return Err(error),
            Err(error) => tracing::warn!("what {service} has of servers that are gone: {error}"),
        }
    }
    let mut orphans = Vec::new();
    for (artifact, created) in found {
        let Some(creation) = artifact.creation() else {
            continue;
        };
        if recorded.carriers(creation)?.is_empty() && !is_young(&created) {
            let reason = "it was made for a server that is no more".to_owned();
            orphans.push(Orphan { artifact, reason });
        }
    }
    Ok(orphans)
}

/// Removes `artifact`, if it still is one.
pub(in crate::drivers::openstack) fn remove_orphan(
    cx: &Context,
    cloud: &Cloud,
    artifact: &Artifact,
) -> Result<Removal> {
    Remover::orphaned(cx, cloud, artifact).remove(artifact)
}

/// Something with a creation's mark, and when it was made.
type Found = Vec<(Artifact, String)>;

fn volumes(cloud: &Cloud) -> Result<Found> {
    of_collection(cloud, &VOLUMES, Artifact::Volume)
}

fn floating_ips(cloud: &Cloud) -> Result<Found> {
    of_collection(cloud, &FLOATING_IPS, Artifact::FloatingIp)
}

fn ports(cloud: &Cloud) -> Result<Found> {
    of_collection(cloud, &PORTS, Artifact::Port)
}

fn of_collection(
    cloud: &Cloud,
    kind: &Collection,
    artifact: fn(Marked) -> Artifact,
) -> Result<Found> {
    let all = kind.all(cloud)?.into_iter();
    let stays = |one: &Listed| {
        one.metadata
            .as_ref()
            .is_some_and(|all| all.contains_key(KEPT))
    };
    Ok(all
        .filter(|one| creation_of(kind.mark(one)).is_some() && !stays(one))
        .map(|one| {
            let marked = Marked::known(kind.mark(&one), &one.id);
            (artifact(marked), one.created_at.unwrap_or_default())
        })
        .collect())
}

fn key_pairs(cloud: &Cloud) -> Result<Found> {
    #[derive(Deserialize)]
    struct Shown {
        keypair: Value,
    }
    let mut found = Vec::new();
    for pair in lists::key_pairs(cloud)? {
        let name = pair.keypair.name;
        if creation_of(&name).is_none() {
            continue;
        }
        // a listing does not say how old they are
        let shown: Shown = cloud.get(Service::Compute, Path::of("/os-keypairs", &name)?)?;
        let created = shown.keypair["created_at"].as_str().unwrap_or_default();
        found.push((Artifact::KeyPair { name }, created.to_owned()));
    }
    Ok(found)
}

/// Whether what was `created` then may be of a creation that is under way; what cannot be read may be.
fn is_young(created: &str) -> bool {
    // some services leave the zone out where they mean UTC
    let created = OffsetDateTime::parse(created, &Iso8601::DEFAULT)
        .or_else(|_| OffsetDateTime::parse(&format!("{created}Z"), &Iso8601::DEFAULT));
    created.map_or(true, |created| {
        OffsetDateTime::now_utc() - created < UNDER_WAY
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_old_is_an_orphan() {
        for (created, young) in [
            ("2026-01-22T07:45:37.000000", false),
            ("2026-01-22T07:45:37Z", false),
            ("9999-01-22T07:45:37Z", true),
            ("", true),
            ("yesterday", true),
        ] {
            assert_eq!(is_young(created), young, "{created}");
        }
    }
}
