//! Reads from a shader, with naga, its bindings, its sizes and the structs of its uniforms.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{
    AddressSpace, Binding, BuiltIn, Expression, Literal, Module, Scalar, ScalarKind, StorageAccess,
    TypeInner,
};

use crate::Result;

/// WebGPU's default limits, which every adapter has.
const INVOCATIONS: u32 = 256;
const WORKGROUP_BYTES: u32 = 16_384;
const STORAGE_BUFFERS: usize = 8;

/// The structs of uniforms, by name: their members are 32-bit words.
#[derive(Default)]
pub(crate) struct Uniforms(BTreeMap<String, Vec<(String, ScalarKind)>>);

/// Checks a composed shader and returns it as a Rust expression.
pub(crate) fn shader(label: &str, source: &str, uniforms: &mut Uniforms) -> Result<String> {
    let module = naga::front::wgsl::parse_str(source)
        .map_err(|error| format!("{label}: {}", error.emit_to_string(source)))?;
    // `pack2x16float` and its inverse belong to WebGPU but need an extra capability in naga.
    let extras = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    Validator::new(ValidationFlags::all(), extras)
        .validate(&module)
        .map_err(|error| format!("{label}: {}", error.emit_to_string(source)))?;
    let told = bindings(&module, uniforms).and_then(|bindings| {
        let [x, y, z] = module.entry_points[0].workgroup_size;
        if x * y * z > INVOCATIONS {
            return Err(format!("{x} × {y} × {z} invocations, {INVOCATIONS} at most").into());
        }
        let constants = constants(&module);
        let tile = tile(&module, &constants)?;
        Ok(format!(
            "Shader {{ label: {label:?}, source: {source:?}, bindings: &[{}], tile: {tile:?}, \
             constants: &{constants:?} }}",
            bindings.join(", "),
        ))
    });
    told.map_err(|error| format!("{label}: {error}").into())
}

/// The kind of each binding, numbered from 0.
fn bindings(module: &Module, uniforms: &mut Uniforms) -> Result<Vec<String>> {
    let (mut all, mut workgroup, mut storage) = (BTreeMap::new(), 0, 0);
    for (_, variable) in module.global_variables.iter() {
        let inner = &module.types[variable.ty].inner;
        if variable.space == AddressSpace::WorkGroup {
            workgroup += inner.size(module.to_ctx());
        }
        let Some(binding) = &variable.binding else {
            continue;
        };
        let kind = match variable.space {
            AddressSpace::Uniform => {
                uniforms.add(module, variable.ty)?;
                format!("Uniform({})", inner.size(module.to_ctx()))
            }
            AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => {
                "Write".to_owned()
            }
            _ => "Read".to_owned(),
        };
        storage += usize::from(variable.space != AddressSpace::Uniform);
        all.insert(binding.binding, format!("Binding::{kind}"));
    }
    if all.keys().copied().ne(0..u32::try_from(all.len())?) {
        return Err("bindings are not numbered from 0 without a gap".into());
    }
    if workgroup > WORKGROUP_BYTES || storage > STORAGE_BUFFERS {
        return Err(format!(
            "{workgroup} bytes of workgroup memory and {storage} storage buffers, \
             {WORKGROUP_BYTES} and {STORAGE_BUFFERS} at most"
        )
        .into());
    }
    Ok(all.into_values().collect())
}

/// The integer constants.
fn constants(module: &Module) -> Vec<(String, u32)> {
    let number =
        |(_, constant): (_, &naga::Constant)| match module.global_expressions[constant.init] {
            Expression::Literal(Literal::U32(value)) => Some((constant.name.clone()?, value)),
            _ => None,
        };
    module.constants.iter().filter_map(number).collect()
}

/// The outputs of one workgroup: `TILE_X` × `TILE_Y`, or one per invocation.
fn tile(module: &Module, constants: &[(String, u32)]) -> Result<[u32; 2]> {
    let find = |name: &str| constants.iter().find(|(known, _)| known == name);
    let entry = &module.entry_points[0];
    match (find("TILE_X"), find("TILE_Y")) {
        (Some((_, x)), Some((_, y))) => Ok([*x, *y]),
        (None, None) => {
            let group = Some(Binding::BuiltIn(BuiltIn::WorkGroupId));
            if entry
                .function
                .arguments
                .iter()
                .any(|argument| argument.binding == group)
            {
                return Err(
                    "the shader uses workgroups but does not define TILE_X and TILE_Y".into(),
                );
            }
            Ok([entry.workgroup_size[0], entry.workgroup_size[1]])
        }
        _ => Err("only one of TILE_X and TILE_Y is defined".into()),
    }
}

impl Uniforms {
    fn add(&mut self, module: &Module, ty: naga::Handle<naga::Type>) -> Result<()> {
        let ty = &module.types[ty];
        let (Some(name), TypeInner::Struct { members, .. }) = (&ty.name, &ty.inner) else {
            return Err("a uniform is not a struct".into());
        };
        let mut words = Vec::new();
        for (member, at) in members.iter().zip((0_u32..).step_by(4)) {
            match (&member.name, &module.types[member.ty].inner) {
                (Some(name), TypeInner::Scalar(Scalar { kind, width: 4 }))
                    if member.offset == at =>
                {
                    words.push((name.clone(), *kind));
                }
                _ => return Err(format!("`{name}` has a member that is not a 32-bit word").into()),
            }
        }
        let known = self.0.entry(name.clone()).or_insert_with(|| words.clone());
        match *known == words {
            true => Ok(()),
            false => Err(format!("another shader defines `{name}` differently").into()),
        }
    }

    /// The structs as Rust code, with their words in the order in which the shaders read them.
    pub(crate) fn structs(&self) -> Result<String> {
        let mut out = String::new();
        for (name, members) in &self.0 {
            let (mut fields, mut words) = (String::new(), String::new());
            for (member, kind) in members {
                let (ty, word) = match kind {
                    ScalarKind::Uint => ("usize", format!("word(self.{member})")),
                    ScalarKind::Float => ("f32", format!("self.{member}.to_bits()")),
                    other => return Err(format!("`{name}.{member}` is {other:?}").into()),
                };
                write!(fields, "pub(crate) {member}: {ty}, ")?;
                write!(words, "{word}, ")?;
            }
            writeln!(
                out,
                "/// A uniform; its members are described in the shaders.\n\
                 #[derive(Clone, Copy, Debug)]\n\
                 pub(crate) struct {name} {{ {fields} }}\n\
                 impl UniformWords for {name} {{ fn words(&self) -> Vec<u32> {{ vec![{words}] }} }}",
            )?;
        }
        Ok(out)
    }
}
