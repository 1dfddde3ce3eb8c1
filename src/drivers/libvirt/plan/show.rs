//! A plan for people and programs to look at, without secrets.

use serde_json::json;

use super::interfaces::Attachment;
use super::{Facts, Made, Plan, Request};
use crate::Result;
use crate::driver::{CloneMode, PlanAnswer};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::to_xml;
use crate::drivers::minion::accept_in;

/// What stands for a volume's path before there is one.
const UNKNOWN: &str = "";

/// Shows `plan`; `exists` when the server is there already, made from the same specification.
pub(crate) fn answer(
    plan: &Plan,
    settings: &Settings,
    request: &Request,
    facts: &Facts,
    exists: bool,
) -> Result<PlanAnswer> {
    let paths: Vec<String> = plan.volumes().map(|_| UNKNOWN.to_owned()).collect();
    let made = Made {
        paths: &paths,
        ..Made::default()
    };
    let definition = plan.definition(settings, request, facts, &made)?;
    let volumes = std::iter::once(&plan.root)
        .chain(&plan.data)
        .map(|volume| {
            Ok(json!({
                "pool": volume.pool,
                "name": volume.name,
                "capacity": volume.capacity,
                "xml": to_xml(&volume.xml)?,
            }))
        })
        .collect::<Result<Vec<_>>>()?;
    let interfaces: Vec<_> = plan
        .interfaces
        .iter()
        .map(|interface| json!({"mac": interface.mac, "dhcp": interface.wanted.dhcp(), "addresses": interface.wanted.addresses, "reserve": interface.wanted.reserve}))
        .collect();
    Ok(PlanAnswer {
        create: !exists,
        steps: if exists {
            vec![format!(
                "nothing: {} exists already, made from the same specification",
                plan.name
            )]
        } else {
            steps(plan, request)
        },
        plan: json!({
            "uuid": plan.uuid,
            "server_name": plan.name,
            "image": {"name": request.image, "path": facts.image_path, "format": facts.image_format, "virtual_size": facts.image_size},
            "size": request.size,
            "domain_type": facts.hypervisor.domain_type,
            "machine": facts.hypervisor.machine,
            "volumes": volumes,
            "seed": {
                "pool": plan.seed_pool,
                "name": plan.seed_name,
                "label": request.seed_format.label(),
                "bus": if request.ignition().is_some() { "fw_cfg".to_owned() } else { request.seed_bus.to_string() },
                "minion_id": request.minion_id.as_ref().map(ToString::to_string),
            },
            "interfaces": interfaces,
            "domain_xml": definition,
            "spec_digest": plan.record.spec,
        }),
        warnings: plan.warnings.clone(),
    })
}

fn steps(plan: &Plan, request: &Request) -> Vec<String> {
    let how = match plan.clone {
        CloneMode::Linked => "make an overlay of",
        CloneMode::Full => "copy",
    };
    let mut steps = vec![format!(
        "{how} the image {} as {} in pool {}, {} GiB",
        request.image, plan.root.name, plan.root.pool, request.flavour.vol_capacity
    )];
    if request.minion_id.is_some() {
        steps.insert(
            0,
            "make a key pair for the minion, unless one is given".to_owned(),
        );
    }
    for volume in &plan.data {
        steps.push(format!(
            "make the disk {} in pool {}, {} GiB",
            volume.name,
            volume.pool,
            volume.capacity >> 30
        ));
    }
    steps.push(format!(
        "build the seed ({}) and upload it as {} into pool {}",
        request.seed_format.label(),
        plan.seed_name,
        plan.seed_pool
    ));
    for card in plan.interfaces.iter().filter(|card| card.wanted.reserve) {
        if let Attachment::Network(network) = &card.wanted.attachment {
            steps.push(format!(
                "keep an address of network {network} for {}, with the server's name",
                card.mac
            ));
        }
    }
    if let (Some(dir), Some(id)) = (accept_in(&request.spec), &request.minion_id) {
        steps.push(format!("accept the key of minion {id} in {dir}"));
    }
    steps.push(format!("define the domain {} and start it", plan.name));
    steps
}
