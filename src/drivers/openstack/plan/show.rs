//! A plan for people and programs to look at, without secrets.

use serde_json::{Value, json};

use super::bodies::Attached;
use super::{Facts, Plan, PlannedPort, Request, Source};
use crate::driver::PlanAnswer;
use crate::drivers::minion::accept_in;

/// Shows `plan`; `exists` when the server is there already, made from the same specification.
/// `user_data` is how many bytes of it there will be, about.
pub(crate) fn answer(
    plan: &Plan,
    request: &Request,
    facts: &Facts,
    user_data: Option<usize>,
    exists: bool,
) -> PlanAnswer {
    PlanAnswer {
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
            "creation": plan.creation,
            "server_name": plan.name,
            "image": facts.image.as_ref().map(|image| json!({"name": request.image, "id": image.id})),
            "size": {"name": request.size, "id": facts.flavor.id},
            "minion_id": request.minion_id.as_ref().map(ToString::to_string),
            "user_data_bytes": user_data,
            "requests": requests(plan, request, facts),
            "spec_digest": plan.record.spec,
        }),
        warnings: plan.warnings.clone(),
    }
}

/// The requests, in their order. What only the cloud will tell stands in angle brackets.
fn requests(plan: &Plan, request: &Request, facts: &Facts) -> Vec<Value> {
    let mut all = Vec::new();
    let mut put = |method: &str, service: &str, path: &str, body: Value| {
        all.push(json!({"service": service, "method": method, "path": path, "body": body}));
    };
    if let Some(body) = plan.key_pair_body(request) {
        put("POST", "compute", "/os-keypairs", body);
    }
    let mut ports = Vec::new();
    for port in &plan.ports {
        ports.push(match port {
            PlannedPort::Given(id) => id.clone(),
            PlannedPort::New(port) => {
                put("POST", "network", "/v2.0/ports", plan.port_body(port));
                format!("<id of {}>", port.name)
            }
        });
    }
    if let Some(floating) = &plan.floating_ip {
        let body = floating.body(&ports[floating.port]);
        match &floating.existing {
            Some(one) => put(
                "PUT",
                "network",
                &format!("/v2.0/floatingips/{}", one.id),
                body,
            ),
            None => put("POST", "network", "/v2.0/floatingips", body),
        }
    }
    let mut volumes = Vec::new();
    for volume in &plan.volumes {
        if let Source::Volume(id) = &volume.source {
            volumes.push(id.clone());
            continue;
        }
        put("POST", "volume", "/volumes", plan.volume_body(volume));
        volumes.push(format!("<id of {}>", volume.name));
    }
    let attached = Attached {
        ports: &ports,
        volumes: &volumes,
    };
    let body = plan.server_body(request, facts, &plan.record, attached, None);
    put("POST", "compute", "/servers", body);
    all
}

fn steps(plan: &Plan, request: &Request) -> Vec<String> {
    let mut steps = Vec::new();
    if request.minion_id.is_some() {
        steps.push("make a key pair for the minion, unless one is given".to_owned());
    }
    if let Some(name) = &plan.key_pair {
        steps.push(format!("import the first SSH key as the key pair {name}"));
    }
    for port in &plan.ports {
        steps.push(match port {
            PlannedPort::Given(id) => format!("use the port {id}"),
            PlannedPort::New(port) => {
                format!(
                    "make the port {} on the network {}",
                    port.name, port.network_name
                )
            }
        });
    }
    if let Some(floating) = &plan.floating_ip {
        let to = match &plan.ports[floating.port] {
            PlannedPort::Given(id) => id,
            PlannedPort::New(port) => &port.name,
        };
        steps.push(match &floating.existing {
            Some(one) => format!(
                "lead the floating IP {}, which stays, to the port {to}",
                one.address
            ),
            None => format!(
                "take a floating IP from the network {} and lead it to the port {to}",
                floating.network_name
            ),
        });
    }
    for volume in &plan.volumes {
        let size = volume
            .gib
            .map_or(String::new(), |gib| format!(", {gib} GiB"));
        let stays = if volume.stays {
            ", which stays when the server goes"
        } else {
            ""
        };
        let (verb, of) = match &volume.source {
            Source::Volume(_) => ("use", String::new()),
            Source::Nothing => ("make", String::new()),
            Source::Image(_) => ("make", format!(" of the image {}", request.image)),
            Source::Snapshot(id) => ("make", format!(" of the snapshot {id}")),
        };
        steps.push(format!(
            "{verb} the volume {}{of}{size}{stays}",
            volume.name
        ));
    }
    if let (Some(dir), Some(id)) = (accept_in(&request.spec), &request.minion_id) {
        steps.push(format!("accept the key of minion {id} in {dir}"));
    }
    let of = match request.image.as_str() {
        "" => String::new(),
        image => format!(" of the image {image}"),
    };
    steps.push(format!(
        "make the server {}{of}, size {}, and start it",
        plan.name, request.size
    ));
    steps
}
