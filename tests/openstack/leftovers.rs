//! What a creation has left in a cloud, as the cloud itself tells.

use serde_json::Value;

use crate::common::openstack::Rest;

/// An SSH key that nobody has the private half of. Its comment is by what a test finds it again.
pub(crate) fn ssh_key(comment: &str) -> String {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL5C1vhEEvgqSJT2xwxZBAAmfIJyMjyYQ4C8M7lzL5nM";
    format!("{key} {comment}")
}

/// The elements of all pages of the listing at `path`.
pub(crate) fn all(cloud: &Rest, service: &str, path: &str, member: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = cloud.get(service, &next);
        found.extend(page[member].as_array().unwrap().iter().cloned());
        let links = page[format!("{member}_links")].as_array();
        let more = links.is_some_and(|links| links.iter().any(|link| link["rel"] == "next"));
        if !more && page.get("next").is_none() {
            return found;
        }
        let last = found.last().unwrap();
        let marker = last["id"].as_str().or(last["keypair"]["name"].as_str());
        let joint = if path.contains('?') { '&' } else { '?' };
        next = format!("{path}{joint}marker={}", marker.unwrap());
    }
}

/// Everything in the project that was made for the server `name`: servers, ports, floating IPs, volumes
/// and the key pair with an SSH key of that comment.
pub(crate) fn leftovers(cloud: &Rest, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (kind, service, path, member, marker) in [
        ("server", "compute", "/servers/detail", "servers", "name"),
        ("port", "network", "/v2.0/ports", "ports", "name"),
        (
            "floating IP",
            "network",
            "/v2.0/floatingips",
            "floatingips",
            "description",
        ),
        ("volume", "volumev3", "/volumes/detail", "volumes", "name"),
    ] {
        for one in all(cloud, service, path, member) {
            let marker = one[marker].as_str().unwrap_or_default();
            if marker == name || marker.starts_with(&format!("{name}-")) {
                found.push(format!("{kind} {marker}"));
            }
        }
    }
    for one in all(cloud, "compute", "/os-keypairs", "keypairs") {
        let pair = &one["keypair"];
        let key = pair["public_key"].as_str().unwrap_or_default();
        if key.ends_with(&format!(" {name}")) {
            found.push(format!("key pair {}", pair["name"]));
        }
    }
    found
}

/// The server `name` as Nova has it.
pub(crate) fn server(cloud: &Rest, name: &str) -> Value {
    // not from page to page, while others come and go
    let path = format!("/servers/detail?name=%5E{name}%24");
    let mut found = all(cloud, "compute", &path, "servers");
    found.retain(|server| server["name"] == name);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}
