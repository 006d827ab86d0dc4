"""Of the table of the admin's addresses (desk_matrix.py) those that are about many people at once."""

TABLE = """
accounts_user_export_csv GET - no no no no no
accounts_user_export_csv POST - no yes yes yes yes
accounts_user_export_xlsx GET - no no no no no
accounts_user_export_xlsx POST - no yes yes yes yes
desk_imports GET - no yes yes yes yes
desk_import_new GET - no yes no no yes
desk_import_new POST - no yes no no yes
desk_import GET own gone yes yes yes yes
desk_import GET other gone gone gone gone yes
desk_import_confirm GET own no no no no no
desk_import_confirm POST own gone yes no no yes
desk_import_confirm POST other gone gone gone gone yes
desk_import_agree GET own no no no no no
desk_import_agree POST own gone yes no no yes
desk_import_agree POST other gone gone gone gone yes
desk_import_refuse GET own no no no no no
desk_import_refuse POST own gone yes no no yes
desk_import_refuse POST other gone gone gone gone yes
desk_import_cancel GET own no no no no no
desk_import_cancel POST own gone yes no no yes
desk_import_cancel POST other gone gone gone gone yes
"""
