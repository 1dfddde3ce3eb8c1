//! From one page of a listing to the next, and to an end.

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use crate::drivers::openstack::http::Page;
use crate::{Error, Kind, Result};

/// No cloud has as many pages; a service that does not find its end has more.
const PAGES: usize = 10_000;
/// What a listing may take in memory, in bytes.
const ROOM: usize = 256 << 20;

/// The elements on every page, beginning at `url`; those that can be read. `ask` gets a page, which may
/// take so many bytes.
pub(super) fn every_page<T>(
    url: Url,
    member: &str,
    mut ask: impl FnMut(Url, usize) -> Result<Page<T>>,
) -> Result<Vec<T>> {
    let mut elements = Vec::new();
    let mut seen = HashSet::from([url.clone()]);
    let mut url = url;
    let mut room = ROOM;
    for _ in 0..PAGES {
        let page = ask(url.clone(), room)?;
        room = room.saturating_sub(page.cost);
        elements.extend(page.elements);
        let Some(next) = next(&page.links, member).and_then(|link| follow(&url, link)) else {
            return Ok(elements);
        };
        // the services link to a next page only from a full one
        if page.count == 0 {
            return Ok(elements);
        }
        if !seen.insert(next.clone()) {
            return Err(endless(&url));
        }
        url = next;
    }
    Err(endless(&url))
}

fn endless(url: &Url) -> Error {
    Error::new(
        Kind::Internal,
        format!(
            "the listing at {}{} has no end",
            super::endpoints::shown(url),
            url.path()
        ),
    )
}

/// The link to the page after `page`: `next` (Glance), `links.next` (Keystone), or the one whose
/// `rel` is `next` in `servers_links`, `networks_links` and the like.
fn next<'a>(page: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    let plain = |value: Option<&'a Value>| value.and_then(Value::as_str);
    let related = |value: Option<&'a Value>| {
        value?
            .as_array()?
            .iter()
            .find(|link| link["rel"] == "next")?["href"]
            .as_str()
    };
    plain(page.get("next"))
        .or_else(|| plain(page.get("links").and_then(|links| links.get("next"))))
        .or_else(|| related(page.get(&format!("{member}_links"))))
        .or_else(|| related(page.get("links")))
        .filter(|link| !link.is_empty())
}

/// The page that `link` on `page` means. Only its query is taken: behind a proxy the rest is often
/// wrong, and the token is not to go to another host.
fn follow(page: &Url, link: &str) -> Option<Url> {
    let linked = page.join(link).ok()?;
    let mut next = page.clone();
    next.set_query(linked.query());
    Some(next)
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    fn page<T: DeserializeOwned + Send + 'static>(body: &Value, room: usize) -> Result<Page<T>> {
        Page::of(&body.to_string(), "images", room)
    }

    fn start() -> Url {
        Url::parse("http://127.0.0.1:9292/v2/images?limit=1").unwrap()
    }

    #[test]
    fn every_form_of_a_link_is_followed() {
        let links = [
            json!({"next": "/v2/images?limit=1&marker=a"}),
            json!({"links": {"next": "http://127.0.0.1:9292/v2/images?limit=1&marker=a", "self": "x"}}),
            json!({"images_links": [{"rel": "previous", "href": "?no"}, {"rel": "next", "href": "http://controller/v2/images?limit=1&marker=a"}]}),
            json!({"links": [{"rel": "next", "href": "https://evil.example/?limit=1&marker=a"}]}),
        ];
        for link in links {
            let mut asked = Vec::new();
            let found: Vec<String> = every_page(start(), "images", |url, room| {
                asked.push(url.to_string());
                let mut body = json!({"images": [asked.len().to_string()]});
                if asked.len() == 1 {
                    body.as_object_mut()
                        .unwrap()
                        .extend(link.as_object().unwrap().clone());
                }
                page(&body, room)
            })
            .unwrap();
            assert_eq!(found, ["1", "2"]);
            assert_eq!(asked[1], "http://127.0.0.1:9292/v2/images?limit=1&marker=a");
        }
    }

    #[test]
    fn a_listing_ends_even_where_its_links_do_not() {
        let list =
            |body: Value| every_page::<Value>(start(), "images", |_, room| page(&body, room));
        // always the same page
        let same = json!({"images": [1], "next": "/v2/images?limit=1&marker=a"});
        assert!(list(same).unwrap_err().message().contains("has no end"));
        // a new page each time, with nothing on it
        let mut at = 0;
        let empty: Vec<Value> = every_page(start(), "images", |_, room| {
            at += 1;
            let body = json!({"images": [], "next": format!("?marker={at}")});
            page(&body, room)
        })
        .unwrap();
        assert_eq!((empty.len(), at), (0, 1));
    }

    #[test]
    fn what_is_no_listing_is_refused() {
        let list = |body: Value| every_page::<u8>(start(), "images", |_, room| page(&body, room));
        assert!(list(json!({"servers": []})).is_err());
        assert!(list(json!({"images": null})).is_err());
    }

    #[test]
    fn what_cannot_be_read_does_not_hide_the_others() {
        let list: Vec<u8> = every_page(start(), "images", |_, room| {
            page(&json!({"images": ["hunter2", 7, null, -1, 8]}), room)
        })
        .unwrap();
        assert_eq!(list, [7, 8]);
    }

    #[test]
    fn a_listing_becomes_no_more_than_it_may() {
        let mut at = 0;
        let body =
            json!({"images": vec![json!({"id": 1}); 1000], "junk": [[], [[0, 0]]], "next": "?"});
        let error = every_page::<Value>(start(), "images", |_, room| {
            at += 1;
            let mut body = body.clone();
            body["next"] = json!(format!("?marker={at}"));
            page(&body, room.saturating_sub(ROOM - 100_000))
        });
        assert!(error.unwrap_err().message().contains("memory"));
        assert!(at > 1, "{at}");
        // what is too large to be one is left out
        let large = json!({"images": ["x".repeat(2 << 20), "small"]});
        assert_eq!(page::<String>(&large, ROOM).unwrap().elements, ["small"]);
    }
}
