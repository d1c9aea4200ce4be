//! A component's style sheet applies only to that component: shared styles are in `frontend/style`,
//! all others in a scope.

use std::fs;
use std::path::PathBuf;

use super::repo::root;

/// Style sheets beside the code, with their text.
fn component_styles() -> Vec<(PathBuf, String)> {
    let mut folders = vec![root().join("frontend/src")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "css") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// The classes named in `@scope (.a, .b)` on the first line.
fn scope(text: &str) -> Option<Vec<&str>> {
    let first = text.lines().next()?;
    let roots = first.strip_prefix("@layer parts { @scope (")?;
    let roots = roots.strip_suffix(") {")?.split(", ");
    roots.map(|root| root.strip_prefix('.')).collect()
}

#[test]
fn styles_of_a_component_stay_in_it() {
    let styles = component_styles();
    assert!(styles.len() > 10, "style sheets were found");
    let page = fs::read_to_string(root().join("frontend/index.html")).unwrap();
    for (path, text) in styles {
        let name = path.display();
        let Some(roots) = scope(&text) else {
            panic!("{name} must begin with `@layer parts {{ @scope (.root) {{`");
        };
        assert!(
            text.trim_end().ends_with("}}"),
            "{name} must end with its scope"
        );
        let mut depth = 0_i32;
        for (number, line) in text.lines().enumerate() {
            assert!(
                number == 0 || depth >= 2,
                "{name}:{}: outside the scope",
                number + 1
            );
            for letter in line.chars() {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
            }
        }
        assert_eq!(depth, 0, "{name}: every brace is closed");
        let file = path.file_name().unwrap().to_str().unwrap();
        assert!(page.contains(&format!("/{file}\"")), "{name} is not linked");
        let code = code_beside(&path);
        for root in roots {
            assert!(
                code.iter().any(|text| has_class(text, root)),
                "{name}: nothing beside it has the class `{root}`"
            );
        }
    }
}

/// The Rust files of the component's folder, or of its parent for a single file.
fn code_beside(style: &std::path::Path) -> Vec<String> {
    let files = fs::read_dir(style.parent().unwrap()).unwrap();
    let paths = files.map(|entry| entry.unwrap().path());
    let code = paths.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    code.map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn has_class(code: &str, class: &str) -> bool {
    code.split('"')
        .any(|text| text.split_whitespace().any(|word| word == class))
}
