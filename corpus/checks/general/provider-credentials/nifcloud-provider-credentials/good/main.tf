provider "nifcloud" {
  region = "jp-east-1"
}
