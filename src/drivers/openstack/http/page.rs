//! A page of a listing, read as it comes: one element after the other becomes what is wanted of it, so
//! that an answer takes no more memory than what it becomes.

use std::fmt;
use std::io::{BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess};
use serde::de::{Deserializer, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::redaction::Redaction;
use crate::{Error, Kind, Result};

/// The largest element that is read, and the largest link, in bytes.
const ELEMENT: usize = 1 << 20;

/// What a page holds.
#[derive(Debug)]
pub(in crate::drivers::openstack) struct Page<T> {
    /// The elements that can be read.
    pub(in crate::drivers::openstack) elements: Vec<T>,
    /// How many there are.
    pub(in crate::drivers::openstack) count: usize,
    /// What stands beside them: where other pages are.
    pub(in crate::drivers::openstack) links: Map<String, Value>,
    /// Bytes that the elements take, about.
    pub(in crate::drivers::openstack) cost: usize,
    has_list: bool,
    /// Where the first of those is wrong that cannot be read.
    unreadable: Option<String>,
}

/// Reads the body of a page.
pub(super) trait ReadBody: Send + Sync {
    /// Reads all of `body`, without the secrets of `redaction`.
    fn read(&self, body: &mut dyn Read, redaction: &Redaction);
}

/// Reads a page whose elements are the list `member`, as long as they cost no more than `room` bytes.
pub(in crate::drivers::openstack) struct PageReader<T> {
    member: String,
    room: usize,
    page: Mutex<Option<serde_json::Result<Page<T>>>>,
}

impl<T: DeserializeOwned + Send + 'static> PageReader<T> {
    pub(in crate::drivers::openstack) fn new(member: &str, room: usize) -> Arc<Self> {
        Arc::new(Self {
            member: member.to_owned(),
            room,
            page: Mutex::new(None),
        })
    }

    /// The page that `answer` was the answer with.
    pub(in crate::drivers::openstack) fn page(&self, answer: &Answer) -> Result<Page<T>> {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        let member = &self.member;
        match page.take() {
            Some(Ok(page)) if page.has_list => {
                // one that cannot be read does not hide the others
                if let Some(place) = &page.unreadable {
                    tracing::warn!(
                        "{} is answered with {} in {member} that cannot be read, the first at {place}; \
                         they are left out",
                        answer.asked(),
                        page.count - page.elements.len(),
                    );
                }
                Ok(page)
            }
            Some(Err(error)) if error.to_string().starts_with(TOO_LARGE) => {
                let message = format!("{} is answered with {TOO_LARGE}", answer.asked());
                Err(Error::new(Kind::Internal, message))
            }
            Some(Err(error)) => Err(answer.other("", error.line(), error.column())),
            _ => Err(Error::new(
                Kind::Internal,
                format!("{} is answered without the list {member}", answer.asked()),
            )),
        }
    }
}

/// Why no more is read.
const TOO_LARGE: &str = "more than fits into the memory that a listing may take";

impl<T: DeserializeOwned + Send + 'static> ReadBody for PageReader<T> {
    fn read(&self, body: &mut dyn Read, redaction: &Redaction) {
        let mut page = Page {
            elements: Vec::new(),
            count: 0,
            links: Map::new(),
            cost: 0,
            has_list: false,
            unreadable: None,
        };
        let mut read =
            serde_json::Deserializer::from_reader(BufReader::with_capacity(64 << 10, body));
        let object = Body {
            page: &mut page,
            reader: self,
            redaction,
        };
        let read = read.deserialize_map(object).and_then(|()| read.end());
        let page = read.map(|()| page);
        *self.page.lock().unwrap_or_else(PoisonError::into_inner) = Some(page);
    }
}

/// The object that a page is.
struct Body<'a, T> {
    page: &'a mut Page<T>,
    reader: &'a PageReader<T>,
    redaction: &'a Redaction,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Body<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if name == self.reader.member {
                self.page.has_list = true;
                members.next_value_seed(Elements(Body {
                    page: &mut *self.page,
                    reader: self.reader,
                    redaction: self.redaction,
                }))?;
            } else if name == "next" || name.ends_with("links") {
                let link: Box<RawValue> = members.next_value()?;
                if link.get().len() <= ELEMENT
                    && let Ok(link) = serde_json::from_str(link.get())
                {
                    self.page.links.insert(name, link);
                }
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The list of a page's elements.
struct Elements<'a, T>(Body<'a, T>);

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Elements<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Elements<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<(), A::Error> {
        let Body {
            page,
            reader,
            redaction,
        } = self.0;
        while let Some(raw) = items.next_element::<Box<RawValue>>()? {
            page.count += 1;
            match element(raw.get(), redaction) {
                Ok(element) => {
                    page.cost += size_of::<T>() + raw.get().len();
                    if page.cost > reader.room {
                        return Err(A::Error::custom(TOO_LARGE));
                    }
                    page.elements.push(element);
                }
                Err(place) => {
                    page.unreadable.get_or_insert(place);
                }
            }
        }
        Ok(())
    }
}

/// What `raw` is; else where it is wrong.
fn element<T: DeserializeOwned>(
    raw: &str,
    redaction: &Redaction,
) -> std::result::Result<T, String> {
    if raw.len() > ELEMENT {
        return Err(format!("one of {} KiB", raw.len() >> 10));
    }
    let clean = redaction.data(raw.as_bytes().to_vec());
    let mut read = serde_json::Deserializer::from_slice(&clean);
    // not serde's words: they quote values, which may be secrets
    serde_path_to_error::deserialize(&mut read).map_err(|error| error.path().to_string())
}

#[cfg(test)]
impl<T: DeserializeOwned + Send + 'static> Page<T> {
    /// The page that `body` is, for the list `member`.
    pub(in crate::drivers::openstack) fn of(body: &str, member: &str, room: usize) -> Result<Self> {
        let reader = PageReader::new(member, room);
        reader.read(&mut body.as_bytes(), &Redaction::default());
        reader.page(&Answer::of(200, body))
    }
}
