//! The driver for `OpenStack` clouds, by their REST APIs.
//!
//! A request passes through the rooms in this order: `settings` reads the provider, `cloud` connects
//! (by `identity`, which gets a token and the catalog, over `http`), `inventory` says what the cloud
//! offers, `plan` works out what is to be made, `create` makes it, `servers` is about those that stand.

mod api;
mod cloud;
mod http;
mod identity;
mod inventory;
mod refusal;
mod servers;
mod settings;
mod side_by_side;
