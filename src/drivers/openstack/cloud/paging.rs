//! From one page of a listing to the next, and to an end.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use crate::drivers::openstack::http::Answer;
use crate::{Error, Kind, Result};

/// No cloud has as many pages; a service that does not find its end has more.
const PAGES: usize = 10_000;
/// No listing has as many elements.
const ELEMENTS: usize = 1_000_000;

/// The elements of the array `member` on every page, beginning at `url`; those that can be read.
pub(super) fn every_page<T: DeserializeOwned>(
    url: Url,
    member: &str,
    mut ask: impl FnMut(Url) -> Result<Answer>,
) -> Result<Vec<T>> {
    let mut elements = Vec::new();
    let mut seen = HashSet::from([url.clone()]);
    let mut url = url;
    for _ in 0..PAGES {
        let answer = ask(url.clone())?;
        let mut page: Map<String, Value> = answer.json()?;
        let Some(Value::Array(found)) = page.remove(member) else {
            return Err(Error::new(
                Kind::Internal,
                format!("{} is answered without the list {member}", answer.asked()),
            ));
        };
        let empty = found.is_empty();
        for element in found {
            match serde_path_to_error::deserialize(element) {
                Ok(element) => elements.push(element),
                // one that cannot be read does not hide the others
                Err(error) => tracing::warn!(
                    "{} is answered with something in {member} that cannot be read, at {}; it is \
                     left out",
                    answer.asked(),
                    error.path()
                ),
            }
        }
        let Some(next) = next(&page, member).and_then(|link| follow(&url, link)) else {
            return Ok(elements);
        };
        // the services link to a next page only from a full one
        if empty || elements.len() > ELEMENTS || !seen.insert(next.clone()) {
            return if empty {
                Ok(elements)
            } else {
                Err(endless(&url))
            };
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
    use super::*;
    use serde_json::json;

    fn page(body: &Value) -> Answer {
        Answer::of(200, &body.to_string())
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
            let found: Vec<String> = every_page(start(), "images", |url| {
                asked.push(url.to_string());
                let mut body = json!({"images": [asked.len().to_string()]});
                if asked.len() == 1 {
                    body.as_object_mut()
                        .unwrap()
                        .extend(link.as_object().unwrap().clone());
                }
                Ok(page(&body))
            })
            .unwrap();
            assert_eq!(found, ["1", "2"]);
            assert_eq!(asked[1], "http://127.0.0.1:9292/v2/images?limit=1&marker=a");
        }
    }

    #[test]
    fn a_listing_ends_even_where_its_links_do_not() {
        let list = |body: Value| every_page::<Value>(start(), "images", |_| Ok(page(&body)));
        // always the same page
        let same = json!({"images": [1], "next": "/v2/images?limit=1&marker=a"});
        assert!(list(same).unwrap_err().message().contains("has no end"));
        // a new page each time, with nothing on it
        let mut at = 0;
        let empty: Vec<Value> = every_page(start(), "images", |_| {
            at += 1;
            Ok(page(
                &json!({"images": [], "next": format!("?marker={at}")}),
            ))
        })
        .unwrap();
        assert_eq!((empty.len(), at), (0, 1));
    }

    #[test]
    fn what_is_no_listing_is_refused() {
        let list = |body: Value| every_page::<u8>(start(), "images", |_| Ok(page(&body)));
        assert!(list(json!({"servers": []})).is_err());
        assert!(list(json!({"images": null})).is_err());
    }

    #[test]
    fn what_cannot_be_read_does_not_hide_the_others() {
        let list: Vec<u8> = every_page(start(), "images", |_| {
            Ok(page(&json!({"images": ["hunter2", 7, null, -1, 8]})))
        })
        .unwrap();
        assert_eq!(list, [7, 8]);
    }
}
