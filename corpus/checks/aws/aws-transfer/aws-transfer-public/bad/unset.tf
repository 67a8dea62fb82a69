resource "aws_transfer_server" "partners" {
  protocols = ["SFTP"]
}
