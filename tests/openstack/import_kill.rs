//! Imports that are killed, and whose image somebody has changed: what is listed is whole, and what is
//! removed is the import's own.

use std::fs;

use serde_json::{Value, json};

use crate::common::master::Master;
use crate::common::openstack::{OpenStack, Rest};
use crate::fault_proxy::{FaultProxy, What};

/// The images called `name`, by the cloud itself.
fn called(rest: &Rest, name: &str) -> Vec<Value> {
    let listed = rest.get("image", &format!("/v2/images?name={name}"));
    listed["images"].as_array().unwrap().clone()
}

fn is_listed(bed: &OpenStack, name: &str) -> bool {
    let request = json!({"provider": bed.provider()});
    let images = Master::new().ok("provider.images", &request);
    images["images"]
        .as_array()
        .unwrap()
        .iter()
        .any(|image| image["name"] == name)
}

fn image(master: &Master, name: &str) -> Value {
    let source = master.path(name);
    fs::write(&source, vec![7; 100_000]).unwrap();
    json!({"source": source})
}

/// The requests of an import that change something, in their order.
const PLACES: [(&str, &str, What); 6] = [
    ("POST", "/v2/images", What::HoldBefore),
    ("POST", "/v2/images", What::HoldAfter),
    ("PUT", "/file", What::HoldBefore),
    ("PUT", "/file", What::HoldAfter),
    ("DELETE", "", What::HoldBefore),
    ("DELETE", "", What::HoldAfter),
];

#[test]
fn an_import_killed_anywhere_is_ended_by_the_next_call() {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    for (number, (method, path, what)) in PLACES.into_iter().enumerate() {
        for recovers in [true, false] {
            let master = Master::new();
            let when = format!("{method} {path} {what:?}");
            let name = format!("cut-{number}-{recovers}.raw");
            let between = FaultProxy::new(bed, (method, path), what);
            let request =
                json!({"provider": between.provider(bed), "image": image(&master, &name)});
            let mut running = master.start("image.import", &request);
            between.reached();
            // Only what is whole is listed, and a server is made of nothing else.
            let is_whole = number == 5;
            assert_eq!(is_listed(bed, &name), is_whole, "{when}");
            let there = called(&demo, &name);
            if !there.is_empty() && !is_whole {
                let spec = json!({"server_name": "early", "image": there[0]["id"]});
                let plan = json!({"provider": bed.provider(), "server": spec});
                let error = Master::new().fails("conflict", "server.plan", &plan);
                assert_eq!(error["data"]["field"], "/server/image", "{when}");
            }
            running.child.kill().unwrap();
            running.child.wait().unwrap();
            between.release();
            assert_ne!(master.leftovers(), [""; 0], "{when}: no journal");

            if recovers {
                let provider = json!({"provider": between.provider(bed)});
                let recovered = master.ok("server.recover", &provider);
                assert_eq!(recovered["left_behind"], json!([]), "{when}");
                assert_eq!(called(&demo, &name).len(), usize::from(is_whole), "{when}");
            }
            let answer = master.ok("image.import", &request);
            assert_eq!(answer["imported"], !is_whole, "{when}");
            let there = called(&demo, &name);
            assert_eq!(there.len(), 1, "{when}");
            assert_eq!(
                (&there[0]["status"], &there[0]["tags"]),
                (&json!("active"), &json!([]))
            );
            assert!(is_listed(bed, &name), "{when}");
            assert_eq!(master.leftovers(), [""; 0], "{when}");
            demo.delete(
                "image",
                &format!("/v2/images/{}", there[0]["id"].as_str().unwrap()),
            );
        }
    }
}

#[test]
fn an_image_that_a_journal_names_and_that_has_no_mark_stays() {
    let bed = OpenStack::shared();
    let demo = bed.demo();
    let (master, other) = (Master::new(), Master::new());
    let name = "planted.raw";
    let request = json!({"provider": bed.provider(), "image": image(&other, name)});
    let whole = other.ok("image.import", &request)["image"]["id"].clone();

    // A journal of this very cloud: one that was cut off before anything was made, with another entry.
    let between = FaultProxy::new(bed, ("POST", "/v2/images"), What::HoldBefore);
    let cut = json!({"provider": between.provider(bed), "image": image(&master, "cut.raw")});
    let mut running = master.start("image.import", &cut);
    between.reached();
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    between.release();
    let journal = master.state().join("journal");
    let path = fs::read_dir(journal)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let text = fs::read_to_string(&path).unwrap();
    let entry = json!({"resource": "image", "name": name, "id": whole});
    let header = text.lines().next().unwrap();
    fs::write(&path, format!("{header}\n{entry}\n")).unwrap();

    let provider = json!({"provider": between.provider(bed)});
    master.ok("server.recover", &provider);
    assert_eq!(called(&demo, name).len(), 1);
    assert!(is_listed(bed, name));
    demo.delete("image", &format!("/v2/images/{}", whole.as_str().unwrap()));
    for image in called(&demo, "cut.raw") {
        demo.delete(
            "image",
            &format!("/v2/images/{}", image["id"].as_str().unwrap()),
        );
    }
}
