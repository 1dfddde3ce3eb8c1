//! Keystone: where it is, how one logs in, and what its catalog says.
//!
//! | file | concern |
//! |---|---|
//! | `address` | what a provider says of where Keystone is |
//! | `locate` | the URL and version that answer there |
//! | `login` | who logs in, and to what |
//! | `openid` | logins by a provider of identities |
//! | `token` | a token, and when it is to be renewed |
//! | `keystone` | a Keystone that has answered, and those who log in there |
//! | `v3`, `v2` | the two protocols |
//! | `login_error` | why a login was refused |
//! | `catalog` | which services there are, and where |

mod address;
mod catalog;
mod keystone;
mod locate;
mod login;
mod login_error;
mod openid;
mod token;
mod v2;
mod v3;

pub(super) use address::{Address, Given};
pub(super) use catalog::{Catalog, CatalogError, Interface};
pub(super) use keystone::Keystone;
pub(super) use login::{ApplicationCredential, Domain, Login, Scope, Who};
pub(super) use openid::{Ask, Grant, OpenId, Place};
pub(super) use token::Token;
