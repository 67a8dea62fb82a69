provider "github" {
  owner = "acme"
}
