mod attention; mod kv_cache; mod llama;
use std::path::Path; use std::sync::atomic::AtomicBool;
use fathom_shared::prompt::ChatTemplate;
use fathom_shared::tokens::{Counter, Tokens};
use fathom_shared::transcript::EngineInfo;
use super::{Answer, Progress};
#[derive(Debug)] pub struct Candle;
#[derive(Debug, thiserror::Error)] #[error("x")] pub struct LoadError;
impl Candle {
 pub fn open(_:&Path,_:EngineInfo)->Result<Self,LoadError>{unimplemented!()}
 pub fn info(&self)->&EngineInfo{unimplemented!()}
 pub fn template(&self)->Option<&ChatTemplate>{unimplemented!()}
 pub fn counter(&self)->Counter<'static>{unimplemented!()}
 pub fn complete(&mut self,_:&str,_:Tokens,_:&AtomicBool,_:&mut dyn FnMut(Progress<'_>))->Answer{unimplemented!()}
}
