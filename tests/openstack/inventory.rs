//! What a cloud offers, and the servers on it, against what its own services say.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::Call;
use crate::common::openstack::{OpenStack, Rest};

/// What the bed answers at once.
const PAGE: usize = 10;

fn ask(method: &str) -> Value {
    Call::new(method)
        .with("provider", OpenStack::shared().provider())
        .result()
}

/// The member `name` of the records in `list`.
fn all(list: &Value, name: &str) -> BTreeSet<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter()
        .map(|one| one[name].as_str().unwrap().to_owned())
        .collect()
}

/// The same of a whole listing of the cloud, whose pages are followed by marker here.
fn paged(rest: &Rest, service: &str, path: &str, member: &str, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut marker = String::new();
    loop {
        let page = rest.get(service, &format!("{path}{marker}"));
        let list = page[member].as_array().unwrap();
        let Some(last) = list.last() else {
            return found;
        };
        let sign = if path.contains('?') { '&' } else { '?' };
        marker = format!("{sign}marker={}", last["id"].as_str().unwrap());
        found.extend(all(&page[member], name));
    }
}

fn choices(answer: &Value) -> Vec<String> {
    let choices = answer["option_choices"].as_array().unwrap();
    choices
        .iter()
        .map(|choice| choice.get("const").unwrap_or(choice))
        .map(|value| value.as_str().unwrap().to_owned())
        .collect()
}

/// Asserts that `method` answers what the cloud's own listing at `path` has, which takes several pages.
/// Other tests make and remove things meanwhile, so what counts is what was there before and after.
fn answers_all(method: &str, list: &str, service: &str, path: &str, member: &str) {
    let demo = OpenStack::shared().demo();
    let path = path.replace("PROJECT", &demo.project_id);
    let ids = || paged(&demo, service, &path, member, "id");
    let before = ids();
    let ours = all(&ask(method)[list], "id");
    let after = ids();
    let lasting: BTreeSet<_> = before.intersection(&after).collect();
    assert!(lasting.len() > PAGE, "{method}: {lasting:?}");
    assert!(lasting.iter().all(|id| ours.contains(*id)), "{method}");
}

#[test]
fn every_listing_goes_on_to_its_last_page() {
    for (method, list, service, path, member) in [
        (
            "provider.images",
            "images",
            "image",
            "/v2/images?status=active",
            "images",
        ),
        (
            "provider.sizes",
            "sizes",
            "compute",
            "/flavors/detail",
            "flavors",
        ),
        (
            "provider.networks",
            "networks",
            "network",
            "/v2.0/networks",
            "networks",
        ),
        (
            "provider.sec_groups",
            "sec_groups",
            "network",
            "/v2.0/security-groups?project_id=PROJECT",
            "security_groups",
        ),
    ] {
        answers_all(method, list, service, path, member);
    }
    let images = ask("provider.images");
    assert!(!all(&images["images"], "name").contains("queued"));
}

#[test]
fn an_administrator_is_offered_the_groups_of_the_project_only() {
    let bed = OpenStack::shared();
    let admin = bed.admin();
    let provider = bed.provider_with(&json!({
        "username": bed.env("VA_OS_ADMIN_USERNAME"),
        "password": bed.env("VA_OS_ADMIN_PASSWORD"),
        "tenant": bed.env("VA_OS_ADMIN_PROJECT"),
    }));
    let groups = Call::new("provider.sec_groups")
        .with("provider", provider)
        .result();
    let own = format!("/v2.0/security-groups?project_id={}", admin.project_id);
    let everyones = paged(
        &admin,
        "network",
        "/v2.0/security-groups",
        "security_groups",
        "id",
    );
    let known = paged(&admin, "network", &own, "security_groups", "id");
    assert!(everyones.len() > known.len());
    assert_eq!(all(&groups["sec_groups"], "id"), known);
}

#[test]
fn what_has_the_same_name_is_told_apart() {
    for (method, list) in [
        ("provider.images", "images"),
        ("provider.networks", "networks"),
        ("provider.sec_groups", "sec_groups"),
    ] {
        let answer = ask(method);
        let twins: BTreeSet<String> = answer[list]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["name"] == "twin")
            .map(|one| format!("twin|{}", one["id"].as_str().unwrap()))
            .collect();
        assert_eq!(twins.len(), 2, "{method}");
        let offered = choices(&answer);
        let distinct: BTreeSet<&String> = offered.iter().collect();
        assert_eq!(distinct.len(), offered.len(), "{method}");
        assert!(twins.iter().all(|twin| offered.contains(twin)), "{method}");
    }
    let images = choices(&ask("provider.images"));
    assert!(images.contains(&"tiny".to_owned()), "{images:?}");
}

#[test]
fn networks_say_whose_they_are_and_what_addresses_they_have() {
    let networks = ask("provider.networks");
    let named = |name: &str| {
        let list = networks["networks"].as_array().unwrap();
        list.iter().find(|one| one["name"] == name).unwrap().clone()
    };
    assert_eq!(named("public")["kind"], "external");
    let private = named("private");
    assert_eq!(
        (&private["kind"], &private["active"]),
        (&json!("project"), &json!(true))
    );
    let demo = OpenStack::shared().demo();
    let path = format!(
        "/v2.0/subnets?network_id={}",
        private["id"].as_str().unwrap()
    );
    let subnets = demo.get("network", &path);
    assert_eq!(private["subnets"][0], subnets["subnets"][0]["cidr"]);
    assert_eq!(named("dual")["subnets"].as_array().unwrap().len(), 2);
}

#[test]
fn the_quotas_of_a_project_are_its_room() {
    let bed = OpenStack::shared();
    let data = ask("provider.data");
    let zones = data["availability_zones"].as_array().unwrap();
    assert!(!zones.is_empty());
    let keys = data["key_pairs"].as_array().unwrap();
    assert!(keys.len() > 10 && keys.contains(&json!("demo")), "{keys:?}");
    assert_eq!(
        data["server_count"],
        json!(data["servers"].as_array().unwrap().len())
    );
    let small = bed.provider_with(&json!({"tenant": bed.env("VA_OS_PROJECT_SMALL")}));
    let data = Call::new("provider.data").with("provider", small).result();
    let limits = Rest::log_in(
        bed.env("VA_OS_AUTH_URL"),
        bed.env("VA_OS_USERNAME"),
        bed.env("VA_OS_PASSWORD"),
        bed.env("VA_OS_PROJECT_SMALL"),
    );
    let nova = &limits.get("compute", "/limits")["limits"]["absolute"];
    let cinder = &limits.get("volumev3", "/limits")["limits"]["absolute"];
    assert_eq!(data["max_servers"], nova["maxTotalInstances"]);
    for (usage, limit) in [
        (&data["cpus"], &nova["maxTotalCores"]),
        (&data["ram"], &nova["maxTotalRAMSize"]),
        (&data["disk"], &cinder["maxTotalVolumeGigabytes"]),
    ] {
        if limit.as_i64().unwrap() < 0 {
            assert_eq!(usage["unlimited"], true, "{usage}");
        } else {
            assert_eq!(&usage["max"], limit);
            assert!(usage.get("unlimited").is_none(), "{usage}");
        }
    }
}

/// A server of the cloud's own, gone when dropped.
struct Foreign {
    rest: Rest,
    id: String,
}

impl Foreign {
    fn new(name: &str) -> Self {
        let rest = OpenStack::shared().demo();
        let id_of = |service: &str, path: &str, member: &str, name: &str| {
            let listed = rest.get(service, &format!("{path}?name={name}"));
            let list = listed[member].as_array().unwrap();
            let found = list.iter().find(|one| one["name"] == name);
            found.unwrap()["id"].clone()
        };
        let sizes = ask("provider.sizes");
        let list = sizes["sizes"].as_array().unwrap();
        let size = list.iter().find(|size| size["name"] == "m1.tiny").unwrap();
        let body = json!({"server": {
            "name": name,
            "imageRef": id_of("image", "/v2/images", "images", "tiny"),
            "flavorRef": size["id"],
            "networks": [{"uuid": id_of("network", "/v2.0/networks", "networks", "private")}],
        }});
        let made = rest.post("compute", "/servers", &body);
        let server = Self {
            id: made["server"]["id"].as_str().unwrap().to_owned(),
            rest,
        };
        server.wait_until(|said| said["status"] == "ACTIVE");
        server
    }

    fn wait_until(&self, reached: impl Fn(&Value) -> bool) {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let said = self.rest.get("compute", &format!("/servers/{}", self.id));
            if reached(&said["server"]) {
                return;
            }
            assert!(Instant::now() < end, "{said}");
            thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let path = format!("/servers/{}", self.id);
        self.rest
            .try_ask(reqwest::Method::DELETE, "compute", &path, None);
    }
}

#[test]
fn servers_are_listed_and_shown_as_the_cloud_has_them() {
    let bed = OpenStack::shared();
    let first = Foreign::new("inventory-twin");
    let second = Foreign::new("inventory-twin");
    let provider = bed.provider_with(&json!({"prices": {"m1.tiny": 0.5}, "currency": "EUR"}));
    let call = |method: &str| Call::new(method).with("provider", provider.clone());

    let listed = call("server.list").result();
    let ids = all(&listed["servers"], "id");
    assert!(ids.contains(&first.id) && ids.contains(&second.id));
    let list = listed["servers"].as_array().unwrap();
    let seen = list.iter().find(|one| one["id"] == first.id).unwrap();
    for (member, value) in [
        ("name", json!("inventory-twin")),
        ("status", json!("ACTIVE")),
        ("state", json!("running")),
        ("image", json!("tiny")),
        ("size", json!("m1.tiny")),
        ("used_ram", json!(64)),
        ("used_cpu", json!(1)),
        ("used_disk", json!(1)),
        ("cost", json!(0.5)),
        ("estimated_cost", json!(365.0)),
    ] {
        assert_eq!(seen[member], value, "{member}: {seen}");
    }
    let said = first.rest.get("compute", &format!("/servers/{}", first.id));
    let address = &said["server"]["addresses"]["private"][0];
    assert_eq!(seen["ip"], address["addr"]);
    assert_eq!(seen["private_ips"], json!([address["addr"]]));

    // a name that two have is no answer, an id is
    let error = call("server.show")
        .with("server_name", "inventory-twin")
        .error();
    assert_eq!(error["data"]["kind"], "conflict");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&first.id) && message.contains(&second.id));
    let shown = call("server.show")
        .with("server_name", first.id.clone())
        .result();
    let server = &shown["server"];
    assert_eq!(server["id"], first.id);
    assert_eq!(server["managed"], false);
    assert_eq!(
        server["interfaces"][0]["mac"],
        address["OS-EXT-IPS-MAC:mac_addr"]
    );
    let error = call("server.show").with("server_name", "inventory").error();
    assert_eq!(error["data"]["kind"], "not_found");

    let bill = call("provider.billing").result();
    assert_eq!(bill["currency"], "EUR");
    let items = bill["servers"].as_array().unwrap();
    let twins = items
        .iter()
        .filter(|one| one["hostname"] == "inventory-twin");
    assert!(twins.clone().all(|one| one["hourly"] == 0.5));
    assert_eq!(twins.count(), 2);

    let path = format!("/servers/{}/action", first.id);
    let stop = json!({"os-stop": null});
    let (status, said) = first
        .rest
        .try_ask(reqwest::Method::POST, "compute", &path, Some(&stop));
    assert_eq!(status, 202, "{said}");
    first.wait_until(|said| said["status"] == "SHUTOFF");
    let shown = call("server.show")
        .with("server_name", first.id.clone())
        .result();
    assert_eq!(shown["server"]["status"], "SHUTOFF");
    assert_eq!(shown["server"]["state"], "stopped");
}
